"""Market-1501 (Zheng et al. 2015) with the attributes of Lin et al. 2019: `market_attribute.mat` and its image folders.

The labels are of people, not of images: one bag makes all images of its owner positive."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import Rule
from harcli.datasets.files import IMAGES, field, image_folder, load_mat, seek, table, texts
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, facts_of, part_of
from harcli.errors import HarcliError
from harcli.folders import files_in

TITLE = "Market-1501 attributes"
SOURCE = "https://github.com/vana77/Market-1501_Attribute (labels), https://zheng-lab.cecs.anu.edu.au (images)"
TERMS = "Market-1501: no licence stated, treat as research only (Zheng et al. 2015, Lin et al. 2019)"
SPLITS = ("official", SHARED_SPLIT)

_UPPER = ("black", "white", "red", "purple", "yellow", "gray", "blue", "green")
_LOWER = ("black", "white", "pink", "purple", "yellow", "gray", "blue", "green", "brown")
# Our name -> the file's field, and the value for which it holds. Most fields are 1 no, 2 yes; hair 1 short, 2 long;
# up (the sleeves) and down 1 long, 2 short; clothes 1 dress, 2 pants; gender 1 male, 2 female.
_CODES: dict[str, tuple[str, int]] = {
    **{name: ("age", i) for i, name in enumerate(("young", "teenager", "adult", "old"), start=1)},
    **{name: (name, 2) for name in ("backpack", "bag", "handbag")},
    **{"pants": ("clothes", 2), "short-lower-body": ("down", 2), "short-sleeves": ("up", 2)},
    **{"long-hair": ("hair", 2), "hat": ("hat", 2), "female": ("gender", 2)},
    **{f"up-{colour}": (f"up{colour}", 2) for colour in _UPPER},
    **{f"down-{colour}": (f"down{colour}", 2) for colour in _LOWER},
}
ATTRIBUTES = tuple(_CODES)
FOLDERS = {"train": "bounding_box_train", "test": "bounding_box_test"}
FILES = ("market_attribute.mat", "attribute/market_attribute.mat")
PUBLISHED = Published(
    images=26051, samples=26051, partitions={"official": {"train": 12936, "test": 13115}}, persons=1501
)

TABLE: dict[str, Rule] = {
    "male": Rule(("!female",), ("female",)),
    "female": Rule(("female",)),
    "child": Rule(("young",), ("adult", "old")),
    "elderly": Rule(("old",)),
    "long-hair": Rule(("long-hair",)),
    "hat": Rule(("hat",)),
    "long-sleeves": Rule(("!short-sleeves",), ("short-sleeves",)),
    "short-sleeves": Rule((), ("!short-sleeves",)),  # what is called short may be none
    "sleeveless": Rule((), ("!short-sleeves",)),
    "t-shirt": Rule((), ("!short-sleeves",)),
    "long-pants": Rule(("long pants",)),
    "shorts": Rule(("short pants",)),
    "jeans": Rule((), ("!long pants",)),
    "skirt": Rule((), ("pants",)),  # what is called a dress may be a skirt
    "dress": Rule((), ("pants",)),
    "bag": Rule(("backpack", "bag", "handbag")),
    "backpack": Rule(("backpack",)),
    "handbag": Rule(("handbag",)),
    "shoulder-bag": Rule((), ("!bag",)),
}
_DERIVED = ("long pants", "short pants")  # facts for the table alone


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """Market-1501's images of people with labels, under the official parts or our own.

    `official` has train (751 people) and test (750 others: the 13,115 images of the gallery, as the authors score)
    only: nothing is there to choose a checkpoint or a threshold on. Our shared split keeps the test people and takes
    the people of train whose number ends in 6 for val. Junk (-1), distractors (0000) and queries are left out.
    """
    path = seek(root, *FILES)
    market = load_mat(path, "market_attribute")["market_attribute"]
    samples = []
    for part, name in FOLDERS.items():
        people, facts = _people(path, field(path, market, part), part)
        known = dict(zip(people, facts, strict=True))
        folder = image_folder(root, name, f"Market-1501-v15.09.15/{name}")
        for image in files_in(folder, IMAGES):
            person = image.name[:4]
            if person in known:
                own = "val" if split == SHARED_SPLIT and part == "train" and part_of(int(person)) == "val" else part
                samples.append(Sample("market1501", image, known[person], own, person=person))
    if not samples:
        raise HarcliError(f"{root}: no images of labelled people in {' and '.join(FOLDERS.values())}")
    return samples


def _people(path: Path, struct: Any, part: str) -> tuple[list[str], list[frozenset[str]]]:
    """The people of a part and what is known of each."""
    people = texts(path, field(path, struct, "image_index"), f"{part}.image_index")
    odd = [p for p in people if not re.fullmatch(r"\d{4}", p)]
    if odd:
        raise HarcliError(f"{path}: {part}.image_index names '{odd[0]}', expected four digits such as 0002")
    columns: dict[str, NDArray[np.int64]] = {}
    for name, (code, value) in _CODES.items():
        allowed = (1, 2, 3, 4) if code == "age" else (1, 2)
        values = field(path, struct, code)
        values = values.T if values.shape == (len(people), 1) else values
        row = table(path, values, f"{part}.{code}", (1, len(people)), allowed)
        columns[name] = (row.ravel() == value).astype(np.int64)
    long_pants = columns["pants"] * (1 - columns["short-lower-body"])
    derived = [long_pants, columns["pants"] - long_pants]
    return people, facts_of([*columns, *_DERIVED], np.stack([*columns.values(), *derived], axis=1))
