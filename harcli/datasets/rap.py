"""RAP v1 (Li et al. 2016): `RAP_annotation/RAP_annotation.mat`, `RAP_dataset/*.png`, crops of people. Research only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harcli.attributes import Rule
from harcli.datasets.files import choice, field, image_folder, load_mat, partition, require, seek, table, texts
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, facts_of, part_by_name
from harcli.errors import HarcliError

TITLE = "RAP v1"
SOURCE = "https://www.rapdataset.com (its owners send it to researchers who sign their agreement)"
TERMS = "RAP: academic research only, by an agreement with its owners (Li et al. 2016)"
PARTITIONS = ("0", "1", "2", "3", "4")
SPLITS = (*PARTITIONS, SHARED_SPLIT)
ATTRIBUTES = (
    *("Female", "AgeLess16", "Age17-30", "Age31-45", "BodyFat", "BodyNormal", "BodyThin", "Customer", "Clerk"),
    *("hs-BaldHead", "hs-LongHair", "hs-BlackHair", "hs-Hat", "hs-Glasses", "hs-Muffler"),
    *("ub-Shirt", "ub-Sweater", "ub-Vest", "ub-TShirt", "ub-Cotton", "ub-Jacket", "ub-SuitUp", "ub-Tight"),
    *("ub-ShortSleeve", "lb-LongTrousers", "lb-Skirt", "lb-ShortSkirt", "lb-Dress", "lb-Jeans", "lb-TightTrousers"),
    *("shoes-Leather", "shoes-Sport", "shoes-Boots", "shoes-Cloth", "shoes-Casual"),
    *("attach-Backpack", "attach-SingleShoulderBag", "attach-HandBag", "attach-Box", "attach-PlasticBag"),
    *("attach-PaperBag", "attach-HandTrunk", "attach-Other"),
    *("action-Calling", "action-Talking", "action-Gathering", "action-Holding", "action-Pusing", "action-Pulling"),
    *("action-CarrybyArm", "action-CarrybyHand"),
)
FILES = ("RAP_annotation/RAP_annotation.mat", "RAP_annotation.mat")
FOLDERS = ("RAP_dataset", "RAP_dataset/RAP_dataset")
PUBLISHED = Published(
    images=41585,
    samples=41585,
    partitions={name: {"train": 33268, "test": 8317} for name in PARTITIONS},
    unknown={"Female": 125},
)

_OUTER = ("ub-Cotton", "ub-Jacket", "ub-SuitUp")  # what is worn beneath is labelled only where it shows
_OTHER_BAGS = ("attach-PlasticBag", "attach-PaperBag", "attach-Box", "attach-Other")
_SKIRTS = ("lb-Skirt", "lb-ShortSkirt")
HIDDEN = "legs hidden"  # a fact of ours, see `load`
TABLE: dict[str, Rule] = {
    "male": Rule(("!Female",), ("Female",)),
    "female": Rule(("Female",)),
    "child": Rule(("AgeLess16",)),
    "elderly": Rule((), ("AgeLess16", "Age17-30", "Age31-45")),  # nobody is labelled as older than 60
    "long-hair": Rule(("hs-LongHair",), unless=("hs-BaldHead",)),
    "bald": Rule(("hs-BaldHead",)),
    "hat": Rule(("hs-Hat",)),
    "glasses": Rule(("hs-Glasses",)),
    "sunglasses": Rule((), ("!hs-Glasses",)),
    "scarf": Rule(("hs-Muffler",)),
    "t-shirt": Rule(("ub-TShirt",), unless=_OUTER),
    "shirt": Rule(("ub-Shirt",), unless=_OUTER),
    "sweater": Rule(("ub-Sweater",), unless=_OUTER),
    "tank-top": Rule((), ("!ub-Vest",)),  # Vest may be a waistcoat or a tank top
    "vest": Rule((), ("!ub-Vest",)),
    "jacket": Rule(("ub-Jacket",), unless=("ub-Cotton", "ub-SuitUp")),
    "coat": Rule(("ub-Cotton",), unless=("ub-Jacket", "ub-SuitUp")),  # Cotton is a padded coat; Jacket may be long
    "outerwear": Rule(("ub-Cotton", "ub-Jacket"), unless=("ub-SuitUp",)),
    "suit": Rule(("ub-SuitUp",)),
    "short-sleeves": Rule(("ub-ShortSleeve",)),
    "long-sleeves": Rule((), ("ub-ShortSleeve",)),  # what is not short may be none
    "sleeveless": Rule((), ("ub-ShortSleeve",)),
    "long-pants": Rule(("lb-LongTrousers", "lb-Jeans"), unless=("lb-TightTrousers", HIDDEN)),
    "jeans": Rule(("lb-Jeans",), unless=(HIDDEN,)),
    "skirt": Rule(_SKIRTS, unless=("lb-Dress", HIDDEN)),
    "dress": Rule(("lb-Dress",), unless=(*_SKIRTS, HIDDEN)),
    # Shoes that are hidden have no label, so only another kind of shoe tells that it is not this one.
    "leather-shoes": Rule(("shoes-Leather",), ("shoes-Sport", "shoes-Cloth")),
    "sneakers": Rule(("shoes-Sport",), ("shoes-Leather", "shoes-Boots")),
    "boots": Rule(("shoes-Boots",), ("shoes-Sport", "shoes-Cloth")),
    "bag": Rule(("attach-Backpack", "attach-SingleShoulderBag", "attach-HandBag"), unless=_OTHER_BAGS),
    "backpack": Rule(("attach-Backpack",)),
    "handbag": Rule(("attach-HandBag",), unless=_OTHER_BAGS),
    "shoulder-bag": Rule(("attach-SingleShoulderBag",), unless=_OTHER_BAGS),
    "plastic-bag": Rule(("attach-PlasticBag",), unless=("attach-Other",)),
    "luggage": Rule(("attach-HandTrunk",), unless=("attach-Box", "attach-Other")),
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """RAP's samples under one of its splits.

    `0` to `4` are the published random partitions, of train and test only: nothing is there to choose a checkpoint or
    a threshold on. Papers report partition 0; like PETA's, they put one person into both parts. Our shared split is
    disjoint in people (see `people_of`), eight in ten train, one val, one test, and leaves partition 0's test images
    out of train.

    The labels are the first 51 of the file's 92, of which the standard protocol is made; the others (viewpoint,
    occlusion, colours) are facts too. A value of 2 (125 times in `Female`) is unknown.
    """
    path = seek(root, *FILES)
    rap = load_mat(path, "RAP_annotation")["RAP_annotation"]
    refuse_other(path, rap, "partition_attribute", "RAP v2: name the data set rap2")
    names = texts(path, field(path, rap, "attribute_eng"), "attribute_eng")
    require(path, names, ATTRIBUTES)
    images = texts(path, field(path, rap, "imagesname"), "imagesname")
    labels = table(path, field(path, rap, "label"), "label", (len(images), len(names)), (0, 1, 2))
    identity = table(path, field(path, rap, "identity"), "identity", (len(images), 1)).ravel().tolist()
    published = choice(path, field(path, rap, "partion"), split if split in PARTITIONS else "0")
    listed = {part: field(path, published, f"{part}_index") for part in ("train", "test")}
    parts = partition(path, listed, len(images), "partion")
    people = people_of(images, identity)
    if split not in PARTITIONS:
        parts = shared_parts(people, parts)
    facts, folder = facts_of(hide_legs(names), labels), image_folder(root, *FOLDERS)
    return [Sample("rap", folder / images[i], facts[i], part, person=people[i]) for i, part in parts.items()]


def refuse_other(path: Path, annotation: Any, sign: str, told: str) -> None:
    """The two versions have files of one name: a file of the other one is named as such.

    Args:
        sign: a field that only the other version has.
        told: what to say of it.

    Raises:
        HarcliError: the file is of the other version.
    """
    if isinstance(annotation, np.ndarray) and sign in (annotation.dtype.names or ()):
        raise HarcliError(f"{path}: is the file of {told}, and its folder so too")


def hide_legs(names: Sequence[str]) -> list[str]:
    """The label of what hides the lower body (`occlusion-Down`, however it is spelt) as `HIDDEN`."""
    return [HIDDEN if n.lower().replace("-", "").replace("_", "") == "occlusiondown" else n for n in names]


def people_of(images: Sequence[str], identity: Sequence[int]) -> list[str]:
    """Who is on each image: the identity where it is known (above 0), else the track, which the file name tells.

    `CAM31_2014-03-18_20140318125002-20140318125546_tarid93_frame2823_line1.png` is a frame of target 93 of one video.
    """
    tracks = [image.rpartition("_frame")[0] or image for image in images]
    known = {track: f"id{number}" for track, number in zip(tracks, identity, strict=True) if number > 0}
    return [
        f"id{number}" if number > 0 else known.get(track, track) for track, number in zip(tracks, identity, strict=True)
    ]


def shared_parts(people: Sequence[str], published: dict[int, str]) -> dict[int, str]:
    """Row -> part of our split: disjoint in people; the images of the `published` test part are not in train."""
    parts = {i: part_by_name(person) for i, person in enumerate(people)}
    return {i: part for i, part in parts.items() if part != "train" or published.get(i) != "test"}
