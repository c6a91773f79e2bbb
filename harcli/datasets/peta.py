"""PETA (Deng et al. 2014), processed layout: `PETA.mat` and `images/%05d.{png,jpg}`.

Research use only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import Rule, known
from harcli.datasets.files import existing, load_mat
from harcli.datasets.sample import SHARED_SPLIT, Sample, part_of

TITLE = "PETA"
SOURCE = "http://mmlab.ie.cuhk.edu.hk/projects/PETA.html"
TERMS = "PETA: research only, no commercial use (Deng et al. 2014)"
PARTITIONS = ("0", "1", "2", "3", "4")
SPLITS = (*PARTITIONS, "identity", SHARED_SPLIT)
ATTRIBUTES = (
    *("personalLess30", "personalLess45", "personalLess60", "personalLarger60", "carryingBackpack", "carryingOther"),
    *("lowerBodyCasual", "upperBodyCasual", "lowerBodyFormal", "upperBodyFormal", "accessoryHat", "upperBodyJacket"),
    *("lowerBodyJeans", "footwearLeatherShoes", "upperBodyLogo", "hairLong", "personalMale", "carryingMessengerBag"),
    *("accessoryMuffler", "accessoryNothing", "carryingNothing", "upperBodyPlaid", "carryingPlasticBags"),
    *("footwearSandals", "footwearShoes", "lowerBodyShorts", "upperBodyShortSleeve", "lowerBodyShortSkirt"),
    *("footwearSneaker", "upperBodyThinStripes", "accessorySunglasses", "lowerBodyTrousers", "upperBodyTshirt"),
    *("upperBodyOther", "upperBodyVNeck"),
)
TOWN_CENTRE = 9  # the subset with 6,967 images of 222 people
IMAGES_PER_PERSON = 4  # at most, so that a few people of TownCentre do not outweigh the rest

_OTHER_BAGS = ("carryingOther", "carryingShoppingTro")
TABLE: dict[str, Rule] = {
    "male": Rule(("personalMale",)),
    "female": Rule(("personalFemale",)),
    "child": Rule(("personalLess15",)),
    "elderly": Rule(("personalLarger60",)),
    "long-hair": Rule(("hairLong",), ("hairShort", "hairBald")),
    "bald": Rule(("hairBald",)),
    "hat": Rule(("accessoryHat",)),
    "glasses": Rule(("accessorySunglasses",), ()),
    "sunglasses": Rule(("accessorySunglasses",)),
    "scarf": Rule(("accessoryMuffler",), unless=("accessoryKerchief",)),
    "t-shirt": Rule(("upperBodyTshirt",)),
    "sweater": Rule(("upperBodySweater",)),
    "jacket": Rule(("upperBodyJacket",)),
    "outerwear": Rule(("upperBodyJacket",), ("upperBodyTshirt", "upperBodyNoSleeve")),
    "suit": Rule(("upperBodySuit",)),
    "v-neck": Rule(("upperBodyVNeck",)),
    "long-sleeves": Rule(("upperBodyLongSleeve",), ("upperBodyShortSleeve", "upperBodyNoSleeve")),
    "short-sleeves": Rule(("upperBodyShortSleeve",), ("upperBodyLongSleeve", "upperBodyNoSleeve")),
    "sleeveless": Rule(("upperBodyNoSleeve",), ("upperBodyLongSleeve", "upperBodyShortSleeve")),
    "logo": Rule(("upperBodyLogo",)),
    "plaid": Rule(("upperBodyPlaid",)),
    "stripes": Rule(("upperBodyThinStripes", "upperBodyThickStripes")),
    "formal": Rule(("upperBodyFormal",), ("upperBodyCasual",)),
    "long-pants": Rule(("lowerBodyTrousers", "lowerBodyJeans", "lowerBodySuits"), unless=("lowerBodyCapri",)),
    "jeans": Rule(("lowerBodyJeans",)),
    "shorts": Rule(("lowerBodyShorts", "lowerBodyHotPants"), unless=("lowerBodyCapri",)),
    "skirt": Rule(("lowerBodyShortSkirt", "lowerBodyLongSkirt")),
    "boots": Rule(("footwearBoots",)),
    "sneakers": Rule(("footwearSneaker",), unless=("footwearShoes",)),
    "sandals": Rule(("footwearSandals",)),
    "leather-shoes": Rule(("footwearLeatherShoes",), unless=("footwearShoes",)),
    "bag": Rule(("carryingBackpack", "carryingMessengerBag"), ("carryingNothing",)),
    "backpack": Rule(("carryingBackpack",)),
    "shoulder-bag": Rule(("carryingMessengerBag",), unless=_OTHER_BAGS),
    "plastic-bag": Rule(("carryingPlasticBags",), unless=_OTHER_BAGS),
    "luggage": Rule(("carryingLuggageCase", "carryingSuitcase"), unless=("carryingShoppingTro",)),
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """PETA's samples under one of its splits.

    `0` to `4` are the published random partitions, which put one person into train and test (57.7 % of partition 0's
    test images show somebody who is also in train or val); papers report partition 0. `identity` is ours: all images,
    parts disjoint in people and about as large as the published ones. Our shared split is disjoint in people too, and
    takes only `IMAGES_PER_PERSON` images of one person, evenly spaced.
    """
    peta = load_mat(root / "PETA.mat", "peta")["peta"][0, 0]
    names = [str(a[0][0]) for a in peta["attribute"]]
    rows = peta["data"].astype(int)
    people = rows[:, 1]
    if split in PARTITIONS:
        published = peta["partion_attribute"][int(split), 0][0, 0]
        parts = {int(i) - 1: part for part in ("train", "val", "test") for i in published[part].ravel()}
    elif split == "identity":
        parts = {i: _identity_part(int(person)) for i, person in enumerate(people)}
    else:
        parts = {i: part_of(int(people[i])) for i in _few_of_each(people)}
    suffix = ".jpg" if (root / "images" / "00001.jpg").exists() else ".png"
    samples = []
    for i, part in parts.items():
        facts = known(dict(zip(names, (bool(v) for v in rows[i, 4:]), strict=True)))
        image = root / "images" / f"{rows[i, 0]:05d}{suffix}"
        samples.append(Sample("peta", image, frozenset(facts), part, person=str(people[i])))
    return existing(samples, root / "images")


def _identity_part(person: int) -> str:
    """Half of the people train, a tenth validates, four tenths test, as in the published partitions."""
    return "train" if person % 10 < 5 else "val" if person % 10 == 5 else "test"


def _few_of_each(people: NDArray[np.int64]) -> list[int]:
    """Rows of at most `IMAGES_PER_PERSON` images of each person, evenly spaced."""
    by_person: dict[int, list[int]] = {}
    for i, person in enumerate(people.tolist()):
        by_person.setdefault(person, []).append(i)
    return [i for rows in by_person.values() for i in rows[:: max(1, -(-len(rows) // IMAGES_PER_PERSON))]]
