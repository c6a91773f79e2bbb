"""PA-100K (Liu et al. 2017): `annotation.mat` and `data/%06d.jpg`. CC BY 4.0."""

from __future__ import annotations

from pathlib import Path

from harcli.attributes import Rule, known
from harcli.datasets.files import existing, load_mat
from harcli.datasets.sample import SHARED_SPLIT, Sample, part_of

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
    """PA-100K's samples that are on disk, under the official lists or our own parts.

    Frames of one person follow one another in its numbering, so our parts are blocks of ten numbers, not single ones.
    """
    mat = load_mat(root / "annotation.mat", "attributes")
    names = [str(a[0][0]) for a in mat["attributes"]]
    samples = []
    for listed in ("train", "val", "test"):
        for name, row in zip(mat[f"{listed}_images_name"], mat[f"{listed}_label"], strict=True):
            file = str(name[0][0])
            facts = known(dict(zip(names, (bool(v) for v in row), strict=True)))
            part = listed if split == "official" else part_of(int(file.split(".")[0]) // 10)
            samples.append(Sample("pa100k", root / "data" / file, frozenset(facts), part))
    return existing(samples, root / "data")
