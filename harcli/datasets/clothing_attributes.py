"""Clothing Attribute Dataset (Chen et al. 2012): `images/%06d.jpg`, `labels/*_GT.mat`. Treat as research only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import Rule
from harcli.datasets.files import load_mat, warn_once
from harcli.datasets.labelled import by_eye
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, facts_of, part_of
from harcli.errors import HarcliError

TITLE = "Clothing Attribute Dataset"
SOURCE = "https://purl.stanford.edu/tb980qz1002"
TERMS = "Clothing Attribute Dataset: no licence stated, treat as research only (Chen et al. 2012)"
SPLITS = (SHARED_SPLIT,)

# 1 = no, 2 = yes, NaN = unspecified.
_YES_NO = (
    *("pattern_solid", "pattern_floral", "pattern_spot", "pattern_plaid", "pattern_stripe", "pattern_graphics"),
    *("red", "yellow", "green", "cyan", "blue", "purple", "brown", "white", "gray", "black", "many_colors"),
    *("necktie", "collar", "scarf", "skin_exposure", "placket"),
)
# Labels with several values, 1, 2, ..., become one label per value.
_VALUES = {
    "gender": ("male", "female"),
    "sleevelength": ("no sleeves", "short sleeves", "long sleeves"),
    "neckline": ("v-neck", "round neck", "other neck"),
    "category": ("Shirt", "Sweater", "T-shirt", "Outerwear", "Suit", "Tank top", "Dress"),
}
ATTRIBUTES = (*_YES_NO, *(value for values in _VALUES.values() for value in values))
FILES = tuple(f"labels/{name}_GT.mat" for name in (*_YES_NO, *_VALUES))
WHOLE_PHOTOS = True
PUBLISHED = Published(
    images=1856,
    samples=1856,
    positives={
        **{"male": 762, "female": 1032, "necktie": 211, "scarf": 234, "collar": 895, "placket": 1159},
        **{"skin_exposure": 193, "pattern_solid": 1052, "pattern_graphics": 110, "pattern_plaid": 105},
        **{"pattern_spot": 101, "pattern_stripe": 140, "pattern_floral": 69},
        **{"long sleeves": 1270, "short sleeves": 323, "no sleeves": 188},
    },
)
# Its colours are of the clothes on the upper body; cyan is a blue here.
_COLOURS = {"grey": ("gray",), "blue": ("blue", "cyan")}
_COVER = ("Outerwear", "Suit")  # what is worn beneath is not said

TABLE: dict[str, Rule] = {
    "male": Rule(("male",)),
    "female": Rule(("female",)),
    "scarf": Rule(("scarf",)),
    "t-shirt": Rule(("T-shirt",), unless=_COVER),
    "shirt": Rule(("Shirt",), unless=_COVER),
    "tank-top": Rule(("Tank top",), unless=_COVER),
    "sweater": Rule(("Sweater",), unless=_COVER),
    "outerwear": Rule(("Outerwear",), unless=("Suit", "Sweater")),
    "jacket": Rule((), ("T-shirt", "Tank top", "Shirt")),
    "coat": Rule((), ("T-shirt", "Tank top", "Shirt")),
    "suit": Rule(("Suit",)),
    "collar": Rule(("collar",)),
    "v-neck": Rule(("v-neck",)),
    "necktie": Rule(("necktie",)),
    "long-sleeves": Rule(("long sleeves",)),
    "short-sleeves": Rule(("short sleeves",)),
    "sleeveless": Rule(("no sleeves",)),
    "solid": Rule(("pattern_solid",)),
    "logo": Rule(("pattern_graphics",)),
    "plaid": Rule(("pattern_plaid",)),
    "stripes": Rule(("pattern_stripe",)),
    "spots": Rule(("pattern_spot",)),
    "floral": Rule(("pattern_floral",)),
    "dress": Rule(("Dress",), unless=_COVER),
    **{
        f"upper-{name}": Rule(_COLOURS.get(name, (name,)), unless=("many_colors",))
        for name in ("black", "white", "grey", "red", "yellow", "green", "blue", "purple", "brown")
    },
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """All samples; row i of a label file is image i + 1. The labels of a file that is not here are unknown.

    Labels by eye beside the folder are read too.

    It publishes no split. Our parts go by the image's number.
    """
    folder = root / "labels"
    here = [name for name in (*_YES_NO, *_VALUES) if (folder / f"{name}_GT.mat").is_file()]
    missing = [name for name in (*_YES_NO, *_VALUES) if name not in here]
    if not here:
        raise HarcliError(f"{folder}: expected {missing[0]}_GT.mat and {len(missing) - 1} others, found none")
    if missing:
        warn_once(f"{folder}: not here, so unknown: {', '.join(f'{name}_GT.mat' for name in missing)}")
    columns = {name: _column(folder / f"{name}_GT.mat") for name in here}
    rows = len(columns[here[0]])
    labels: dict[str, NDArray[np.int64]] = {}
    for name, column in columns.items():
        if len(column) != rows:
            raise HarcliError(f"{folder}: {name}_GT.mat has {len(column)} rows, {here[0]}_GT.mat {rows}")
        for value, label in enumerate(_VALUES.get(name, (None, name)), start=1):
            if label is not None:
                labels[label] = np.where(np.isnan(column), -1, column == value)
    facts = facts_of(list(labels), np.stack(list(labels.values()), axis=1))
    seen = by_eye(root, "clothing_attributes")
    names = [f"{i + 1:06d}" for i in range(rows)]
    return [
        Sample(
            dataset="clothing_attributes",
            image=root / "images" / f"{name}.jpg",
            facts=facts[i],
            part=part_of(i + 1),
            by_eye=seen.get(str(i + 1)),
        )
        for i, name in enumerate(names)
    ]


def _column(path: Path) -> NDArray[np.float64]:
    """One label of all images `(N,)`: 1, 2, ... or NaN where it is not known."""
    column = load_mat(path, "GT")["GT"]
    name = path.name.removesuffix("_GT.mat")
    if column.dtype.kind not in "fiu" or column.ndim != 2 or column.shape[1] != 1:
        raise HarcliError(f"{path}: GT is {column.shape} of type {column.dtype}, expected one column of numbers")
    numbers: NDArray[np.float64] = column.ravel().astype(np.float64)
    highest = len(_VALUES.get(name, ("no", "yes")))
    odd = numbers[~np.isnan(numbers) & ~np.isin(numbers, range(1, highest + 1))]
    if len(odd):
        raise HarcliError(f"{path}: GT holds the value {odd[0]:g}, expected 1 to {highest} or NaN")
    return numbers
