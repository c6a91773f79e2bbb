"""PETA (Deng et al. 2014), processed layout: `PETA.mat` and `images/%05d.{png,jpg}`. Research use only."""

from __future__ import annotations

from pathlib import Path

from harcli.attributes import Rule, known
from harcli.datasets.files import existing, load_mat
from harcli.datasets.sample import Sample, part_of

TERMS = "PETA: research only, no commercial use (Deng et al. 2014)"
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


def load(root: Path) -> list[Sample]:
    """PETA's samples, split by identity (its own random partitions put one person into train and test).

    Of the images of one person only `IMAGES_PER_PERSON`, evenly spaced, are taken.
    """
    peta = load_mat(root / "PETA.mat", "peta")["peta"][0, 0]
    names = [str(a[0][0]) for a in peta["attribute"]]
    rows = peta["data"].astype(int)
    by_person: dict[int, list[int]] = {}
    for i, row in enumerate(rows):
        by_person.setdefault(int(row[1]), []).append(i)
    suffix = ".jpg" if (root / "images" / "00001.jpg").exists() else ".png"
    samples = []
    for person, indices in by_person.items():
        step = max(1, -(-len(indices) // IMAGES_PER_PERSON))
        for i in indices[::step]:
            facts = known(dict(zip(names, (bool(v) for v in rows[i, 4:]), strict=True)))
            image = root / "images" / f"{rows[i, 0]:05d}{suffix}"
            samples.append(Sample("peta", image, frozenset(facts), part_of(person)))
    return existing(samples, root / "images")
