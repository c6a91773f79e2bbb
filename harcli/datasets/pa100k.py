"""PA-100K (Liu et al. 2017): `annotation.mat` and `data/%06d.jpg`. CC BY 4.0."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harcli.attributes import Rule
from harcli.datasets.files import image_folder, load_mat, require, seek, table, texts
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, facts_of, part_of
from harcli.errors import HarcliError

TITLE = "PA-100K"
SOURCE = "https://github.com/xh-liu/HydraPlus-Net"
TERMS = "PA-100K: CC BY 4.0 (Liu et al. 2017)"
SPLITS = ("official", SHARED_SPLIT)
ATTRIBUTES = (
    *("Female", "AgeOver60", "Age18-60", "AgeLess18", "Front", "Side", "Back", "Hat", "Glasses", "HandBag"),
    *("ShoulderBag", "Backpack", "HoldObjectsInFront", "ShortSleeve", "LongSleeve", "UpperStride", "UpperLogo"),
    *("UpperPlaid", "UpperSplice", "LowerStripe", "LowerPattern", "LongCoat", "Trousers", "Shorts", "Skirt&Dress"),
    "boots",
)
SWAPPED = ("UpperPlaid", "UpperSplice")
"""The official file has these two names at each other's columns: 9 of 9 plaid people that were looked at have
UpperSplice = 1. They are read the right way round, so figures of these two compare with others' crosswise."""
NOTE = "UpperPlaid and UpperSplice have each other's column in the official file; they are read the right way round"
PARTS = ("train", "val", "test")
FILES = ("annotation.mat", "annotation/annotation.mat")
FOLDERS = ("data", "release_data/release_data", "release_data", "data/release_data/release_data", "data/release_data")
"""Where images lie; all but the first are how the authors' archives unpack."""
# fmt: off
_POSITIVES = (
    45336, 1469, 92844, 5687, 34707, 30508, 34785, 4206, 18662, 18115, 19301, 15926, 958, 56913, 43087,
    5088, 14835, 4219, 10917, 450, 1639, 3365, 71916, 16896, 11155, 595,
)
# fmt: on
PUBLISHED = Published(
    images=100000,
    samples=100000,
    partitions={"official": {"train": 80000, "val": 10000, "test": 10000}},
    positives=dict(zip(ATTRIBUTES, _POSITIVES, strict=True)),
)

TABLE: dict[str, Rule] = {
    "male": Rule(("!Female",), ("Female",)),
    "female": Rule(("Female",)),
    "child": Rule(("AgeLess18",)),
    "elderly": Rule(("AgeOver60",)),
    "hat": Rule(("Hat",)),
    "glasses": Rule(("Glasses",)),
    "sunglasses": Rule((), ("!Glasses",)),
    "long-sleeves": Rule(("LongSleeve",)),
    "short-sleeves": Rule(("ShortSleeve",)),
    "t-shirt": Rule((), ("LongSleeve",)),
    "sleeveless": Rule((), ("LongSleeve",)),
    "logo": Rule(("UpperLogo",)),
    "plaid": Rule(("UpperPlaid",)),
    "stripes": Rule(("UpperStride",)),
    "coat": Rule(("LongCoat",), ("ShortSleeve",)),
    "outerwear": Rule(("LongCoat",), ("ShortSleeve",)),
    "long-pants": Rule(("Trousers",)),
    "jeans": Rule((), ("!Trousers",)),
    "shorts": Rule(("Shorts",)),
    "skirt": Rule((), ("!Skirt&Dress",)),
    "dress": Rule((), ("!Skirt&Dress",)),
    "boots": Rule(("boots",)),
    "bag": Rule(("HandBag", "ShoulderBag", "Backpack")),
    "backpack": Rule(("Backpack",)),
    "handbag": Rule(("HandBag",)),
    "shoulder-bag": Rule(("ShoulderBag",)),
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """PA-100K's samples under the official lists or our own parts.

    Its images are shuffled: neighbouring numbers say nothing of who is shown, and nothing else does. Our parts go by
    the number, so one person may be in several.
    """
    path, folder = seek(root, *FILES), image_folder(root, *FOLDERS)
    mat = load_mat(path, "attributes", *(f"{p}_{kind}" for p in PARTS for kind in ("images_name", "label")))
    names = texts(path, mat["attributes"], "attributes")
    require(path, names, ATTRIBUTES)
    columns = _the_right_way_round(names)
    samples = []
    for listed in PARTS:
        files = texts(path, mat[f"{listed}_images_name"], f"{listed}_images_name")
        labels = table(path, mat[f"{listed}_label"], f"{listed}_label", (len(files), len(names)), (0, 1))
        for file, facts in zip(files, facts_of(columns, labels), strict=True):
            part = listed if split == "official" else part_of(_number(path, file))
            samples.append(Sample("pa100k", folder / file, facts, part))
    return samples


def _the_right_way_round(names: Sequence[str]) -> list[str]:
    """What each column really holds, see `SWAPPED`."""
    first, second = SWAPPED
    return [{first: second, second: first}.get(name, name) for name in names]


def _number(path: Path, file: str) -> int:
    stem = file.partition(".")[0]
    if not stem.isdecimal():
        raise HarcliError(f"{path}: names an image '{file}', expected a number such as 000001.jpg")
    return int(stem)
