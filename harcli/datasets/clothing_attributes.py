"""Clothing Attribute Dataset (Chen et al. 2012): `images/%06d.jpg`, `labels/*_GT.mat`. Treat as research only."""

from __future__ import annotations

import math
from pathlib import Path

from harcli.attributes import Rule, known
from harcli.datasets.files import existing, load_mat
from harcli.datasets.sample import SHARED_SPLIT, Sample, part_of

TITLE = "Clothing Attribute Dataset"
SOURCE = "https://purl.stanford.edu/tb980qz1002"
TERMS = "Clothing Attribute Dataset: no licence stated, treat as research only (Chen et al. 2012)"
SPLITS = (SHARED_SPLIT,)

# Labels with several values become one label a value; the others are 1 = no, 2 = yes, NaN = unspecified.
_VALUES = {
    "gender": ("male", "female"),
    "sleevelength": ("no sleeves", "short sleeves", "long sleeves"),
    "neckline": ("v-neck", "round neck", "other neck"),
    "category": ("Shirt", "Sweater", "T-shirt", "Outerwear", "Suit", "Tank top", "Dress"),
}
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
}


def _labels(name: str, value: float) -> dict[str, bool | None]:
    """One label file's value for one image as named facts."""
    unknown = math.isnan(value)
    if name in _VALUES:
        return {v: None if unknown else int(value) == i + 1 for i, v in enumerate(_VALUES[name])}
    return {name: None if unknown else int(value) == 2}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """The samples whose image is on disk; row i of a label file is image i + 1."""
    files = sorted((root / "labels").glob("*_GT.mat"))
    columns = {f.name[: -len("_GT.mat")]: load_mat(f, "GT")["GT"].ravel() for f in files}
    if not columns:
        load_mat(root / "labels" / "gender_GT.mat", "GT")  # raises: says what is missing
    samples = []
    for i in range(len(next(iter(columns.values())))):
        labels: dict[str, bool | None] = {}
        for name, column in columns.items():
            labels |= _labels(name, float(column[i]))
        image = root / "images" / f"{i + 1:06d}.jpg"
        samples.append(Sample("clothing_attributes", image, frozenset(known(labels)), part_of(i + 1)))
    return existing(samples, root / "images")
