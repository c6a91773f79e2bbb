"""PETA (Deng et al. 2014), processed layout: `PETA.mat` and `images/%05d.{png,jpg}`.

Research use only."""

from __future__ import annotations

from pathlib import Path

from harcli.attributes import COLOURS, Rule
from harcli.datasets.files import (
    choice,
    field,
    first_image,
    image_folder,
    load_mat,
    partition,
    require,
    seek,
    table,
    texts,
)
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, facts_of, few_of_each, part_of

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
IMAGES_PER_PERSON = 4  # at most, so that the 222 people of TownCentre's 6,967 images do not outweigh the rest
FILES = ("PETA.mat",)
# fmt: off
_POSITIVES = (
    9443, 6247, 1944, 1172, 3735, 3789, 16356, 16207, 2612, 2545, 1930, 1314, 5815, 5628, 763, 4513, 10421,
    5619, 1594, 14238, 5243, 505, 1453, 388, 6902, 660, 2695, 864, 4106, 326, 552, 9787, 1600, 8656, 224,
)
# fmt: on
PUBLISHED = Published(
    images=19000,
    samples=19000,
    partitions={name: {"train": 9500, "val": 1900, "test": 7600} for name in PARTITIONS},
    persons=8699,
    positives=dict(zip(ATTRIBUTES, _POSITIVES, strict=True)),
)

# PETA's colours: upper and lower body by the names of ours, hair by these. Navy counts as blue in PETA too.
_HAIR = {"black": "Black", "brown": "Brown", "blond": "Yellow", "red": "Red", "grey": "Grey"}
_ALL_HAIR = tuple(f"hair{c}" for c in ("Black", "Brown", "Yellow", "Red", "Grey", "White"))
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
    **{
        f"{part}-{colour}": Rule((f"{part}Body{colour.capitalize()}",))
        for part in ("upper", "lower")
        for colour in COLOURS
    },
    # Of most people with hidden hair PETA names no colour: then none is known to be false.
    **{
        f"hair-{ours}": Rule((f"hair{theirs}", "hairWhite") if ours == "grey" else (f"hair{theirs}",), _ALL_HAIR)
        for ours, theirs in _HAIR.items()
    },
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """PETA's samples under one of its splits.

    `0` to `4` are the published random partitions, which put one person into train and test (57.7 % of partition 0's
    test images show somebody who is also in train or val); papers report partition 0. `identity` is ours: all images,
    parts disjoint in people and about as large as the published ones. Our shared split is disjoint in people too, and
    takes only `IMAGES_PER_PERSON` images of one person, evenly spaced.
    """
    path = seek(root, *FILES)
    peta = load_mat(path, "peta")["peta"]
    names = texts(path, field(path, peta, "attribute"), "attribute")
    require(path, names, ATTRIBUTES)
    rows = table(path, field(path, peta, "data"), "data", (None, 4 + len(names)))
    people = rows[:, 1].tolist()
    parts: dict[int, str]
    if split in PARTITIONS:
        published = choice(path, field(path, peta, "partion_attribute"), split)
        listed = {part: field(path, published, part) for part in ("train", "val", "test")}
        parts = partition(path, listed, len(rows), f"partition {split}")
    elif split == "identity":
        parts = {i: _identity_part(person) for i, person in enumerate(people)}
    else:
        parts = {i: part_of(people[i]) for i in few_of_each(list(map(str, people)), IMAGES_PER_PERSON)}
    facts = facts_of(names, table(path, rows[:, 4:], "the labels in data", (None, None), (0, 1)))
    folder, numbers = image_folder(root, "images"), rows[:, 0].tolist()
    named = (suffix for suffix in (".png", ".jpg") if (folder / f"00001{suffix}").exists())
    suffix = next(named, Path(first_image(folder)).suffix or ".png")
    return [
        Sample("peta", folder / f"{numbers[i]:05d}{suffix}", facts[i], part, person=str(people[i]))
        for i, part in parts.items()
    ]


def _identity_part(person: int) -> str:
    """Half of the people train, a tenth validates, four tenths test, as in the published partitions."""
    return "train" if person % 10 < 5 else "val" if person % 10 == 5 else "test"
