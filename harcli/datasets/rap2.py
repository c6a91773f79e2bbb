"""RAP v2 (Li et al. 2019): `RAP_annotation/RAP_annotation.mat`, `RAP_dataset/*.png`, crops of people. Research only."""

from __future__ import annotations

from pathlib import Path

from harcli.attributes import Rule
from harcli.datasets import rap
from harcli.datasets.files import choice, field, image_folder, load_mat, partition, require, seek, table, texts
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, facts_of
from harcli.errors import HarcliError

TITLE = "RAP v2"
SOURCE = rap.SOURCE
TERMS = "RAP v2: academic research only, by an agreement with its owners (Li et al. 2019)"
PARTITIONS = rap.PARTITIONS
SPLITS = rap.SPLITS
ATTRIBUTES = (
    *("Female", "AgeLess16", "Age17-30", "Age31-45", "Age46-60", "BodyFat", "BodyNormal", "BodyThin", "Customer"),
    *("Employee", "hs-BaldHead", "hs-LongHair", "hs-BlackHair", "hs-Hat", "hs-Glasses"),
    *("ub-Shirt", "ub-Sweater", "ub-Vest", "ub-TShirt", "ub-Cotton", "ub-Jacket", "ub-SuitUp", "ub-Tight"),
    *("ub-ShortSleeve", "ub-Others", "lb-LongTrousers", "lb-Skirt", "lb-ShortSkirt", "lb-Dress", "lb-Jeans"),
    *("lb-TightTrousers", "shoes-Leather", "shoes-Sports", "shoes-Boots", "shoes-Cloth", "shoes-Casual"),
    *("shoes-Other", "attachment-Backpack", "attachment-ShoulderBag", "attachment-HandBag", "attachment-Box"),
    *("attachment-PlasticBag", "attachment-PaperBag", "attachment-HandTrunk", "attachment-Other"),
    *("action-Calling", "action-Talking", "action-Gathering", "action-Holding", "action-Pushing", "action-Pulling"),
    *("action-CarryingByArm", "action-CarryingByHand", "action-Other"),
)
FILES = rap.FILES
PUBLISHED = Published(
    images=84928,
    samples=84928,
    partitions={name: {"train": 50957, "val": 16986, "test": 16985} for name in PARTITIONS},
)
_SPELLED = {"Femal": "Female"}  # in the file, left; in papers, right


def _here(label: str) -> str:
    """A label of RAP v1 as v2 calls it."""
    label = label.replace("attach-SingleShoulderBag", "attach-ShoulderBag").replace("shoes-Sport", "shoes-Sports")
    return label.replace("attach-", "attachment-")


def _renamed(rule: Rule) -> Rule:
    negative = None if rule.negative is None else tuple(map(_here, rule.negative))
    unless = tuple(map(_here, rule.unless))
    if any(label.startswith("ub-") and label != "ub-ShortSleeve" for label in rule.positive):
        unless += ("ub-Others",)  # another garment, which may be of this kind
    return Rule(tuple(map(_here, rule.positive)), negative, unless)


# The same labels mean the same in both versions; v2 has more of them among the 98 that the protocol leaves out.
TABLE: dict[str, Rule] = {name: _renamed(rule) for name, rule in rap.TABLE.items() if name != "scarf"} | {
    "elderly": Rule(("AgeBiger60",), ("AgeLess16", "Age17-30", "Age31-45", "Age46-60")),
    "glasses": Rule(("hs-Glasses", "hs-Sunglasses")),
    "sunglasses": Rule(("hs-Sunglasses",)),
    "shorts": Rule(("lb-Shorts",), unless=(rap.HIDDEN,)),
    "skirt": Rule(("lb-Skirt", "lb-ShortSkirt", "lb-LongSkirt"), unless=("lb-Dress", rap.HIDDEN)),
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """RAP v2's samples under one of its splits.

    `0` to `4` are the published random partitions of train, val and test; papers report partition 0. Our shared split
    is made like that of `harcli.datasets.rap`. The layout follows public code that reads the file.
    """
    path = seek(root, *FILES)
    annotation = load_mat(path, "RAP_annotation")["RAP_annotation"]
    rap.refuse_other(path, annotation, "partion", "RAP v1: name the data set rap")
    names = [_SPELLED.get(n, n) for n in texts(path, field(path, annotation, "attribute"), "attribute")]
    require(path, names, ATTRIBUTES)
    selected = field(path, annotation, "selected_attribute").ravel().tolist()
    odd = {names[i - 1] if i in range(1, len(names) + 1) else str(i) for i in selected} ^ set(ATTRIBUTES)
    if odd:
        raise HarcliError(f"{path}: selected_attribute and the standard {len(ATTRIBUTES)} labels differ in {min(odd)}")
    images = texts(path, field(path, annotation, "name"), "name")
    labels = table(path, field(path, annotation, "data"), "data", (len(images), len(names)))
    identity = [0] * len(images)
    if "person_identity" in annotation.dtype.names:
        numbers = field(path, annotation, "person_identity").reshape(-1, 1)
        identity = table(path, numbers, "person_identity", (len(images), 1)).ravel().tolist()
    published = choice(path, field(path, annotation, "partition_attribute"), split if split in PARTITIONS else "0")
    listed = {part: field(path, published, f"{part}_index") for part in ("train", "val", "test")}
    parts = partition(path, listed, len(images), "partition_attribute")
    people = rap.people_of(images, identity)
    if split not in PARTITIONS:
        parts = rap.shared_parts(people, parts)
    facts, folder = facts_of(rap.hide_legs(names), labels), image_folder(root, *rap.FOLDERS)
    return [Sample("rap2", folder / images[i], facts[i], part, person=people[i]) for i, part in parts.items()]
