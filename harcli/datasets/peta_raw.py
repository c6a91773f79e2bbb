"""PETA (Deng et al. 2014) as its authors pack it: `<subset>/archive/` with images and `Label.txt`. Research only.

A part of the ten subsets is enough. Whoever has `PETA.mat` uses `harcli.datasets.peta`, which has the published
partitions; the two show the same people, so they do not train together."""

from __future__ import annotations

import re
from pathlib import Path

from harcli.datasets import peta
from harcli.datasets.files import IMAGES, seek, warn_once
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, few_of_each, part_by_name
from harcli.errors import HarcliError
from harcli.folders import files_in

TITLE = "PETA, raw archives"
SOURCE = peta.SOURCE
TERMS = peta.TERMS
SPLITS = ("identity", SHARED_SPLIT)
ATTRIBUTES = peta.ATTRIBUTES
TABLE = peta.TABLE
SUBSETS = ("3DPeS", "CAVIAR4REID", "CUHK", "GRID", "i-LID", "MIT", "PRID", "SARC3D", "TownCentre", "VIPeR")
FILES = tuple(f"{top}{subset}/archive/Label.txt" for top in ("", "PETA dataset/") for subset in SUBSETS)
PUBLISHED = Published(images=19000, samples=19000, persons=8699)

_COLOURS = ("Black", "Blue", "Brown", "Green", "Grey", "Orange", "Pink", "Purple", "Red", "White", "Yellow")
_EXTRA = (
    *("accessoryHeadphone", "personalLess15", "carryingBabyBuggy", "hairBald", "footwearBoots", "lowerBodyCapri"),
    *("carryingShoppingTro", "carryingUmbrella", "personalFemale", "carryingFolder", "accessoryHairBand"),
    *("lowerBodyHotPants", "accessoryKerchief", "lowerBodyLongSkirt", "upperBodyLongSleeve", "lowerBodyPlaid"),
    *("lowerBodyThinStripes", "carryingLuggageCase", "upperBodyNoSleeve", "hairShort", "footwearStocking"),
    *("upperBodySuit", "carryingSuitcase", "lowerBodySuits", "upperBodySweater", "upperBodyThickStripes"),
)
LABELS = (
    *ATTRIBUTES,
    *(f"{what}{colour}" for what in ("upperBody", "lowerBody", "hair", "footwear") for colour in _COLOURS),
    *_EXTRA,
)
"""The 105 of `PETA.mat`, in its order."""

_SPELLED = {"footwearSneakers": "footwearSneaker"}  # in Label.txt, left; in PETA.mat, right
_DISCARDED = {"accessoryFaceMask", "accessoryShawl", "lowerBodyLogo", "lowerBodyThickStripes"}  # PETA.mat lacks them


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """The samples of the subsets that are here; their labels are of people, not of images.

    Neither split is published: `identity` has all images, and the shared one at most `peta.IMAGES_PER_PERSON` images
    of one person. Both are disjoint in people: eight in ten train, one val, one test.
    """
    top = seek(root, *(f"{subset}/archive" for subset in SUBSETS)).parent.parent
    samples: list[Sample] = []
    for subset in SUBSETS:
        if (top / subset / "archive").is_dir():
            samples += _subset(top / subset / "archive", subset)
    if not samples:
        raise HarcliError(f"{top}: expected folders such as i-LID/archive with images and Label.txt, found none")
    missing = [s for s in SUBSETS if not (top / s / "archive").is_dir()]
    if missing:
        warn_once(f"{top}: not here: {', '.join(missing)}")
    if split == SHARED_SPLIT:
        samples = [samples[i] for i in few_of_each([s.person for s in samples], peta.IMAGES_PER_PERSON)]
    return samples


def _subset(folder: Path, subset: str) -> list[Sample]:
    """A person of an image is what its name has before the first `_` or `.`; ids are strings, not numbers."""
    facts = _labels(folder / "Label.txt")
    samples, unlabelled = [], []
    for image in files_in(folder, IMAGES):
        number = re.split("[_.]", image.name)[0]
        if number not in facts:
            unlabelled.append(image.name)
            continue
        person = f"{subset}/{number}"
        samples.append(Sample("peta_raw", image, facts[number], part_by_name(person), person=person))
    if unlabelled:
        warn_once(f"{folder}: no line in Label.txt for {len(unlabelled)} images, such as {unlabelled[0]}")
    return samples


def _labels(path: Path) -> dict[str, frozenset[str]]:
    """Person -> facts; each line of `Label.txt` is a person and the words that hold."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise HarcliError(f"{path}: not a text file ({error})") from error
    facts: dict[str, frozenset[str]] = {}
    odd: set[str] = set()
    for i, line in enumerate(lines, start=1):
        person, *words = line.split() or [""]
        true = {_SPELLED.get(word, word) for word in words} - _DISCARDED
        if person and true.isdisjoint(LABELS):
            raise HarcliError(f"{path}, line {i}: expected a person's id and labels such as personalMale")
        odd |= true - set(LABELS)
        if person:
            facts[person.partition(".")[0]] = frozenset(n if n in true else f"!{n}" for n in LABELS)
    if odd:
        warn_once(f"{path}: words that are no labels of PETA: {', '.join(sorted(odd))}")
    return facts
