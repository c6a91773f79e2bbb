"""What every data set gives: samples, and the part that each belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]

SHARED_SPLIT = "harcli"
"""Our own parts, disjoint in people where they are known: what data sets that train together are split by."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One person of a data set.

    Attributes:
        dataset: the data set's short name, for example `peta`.
        image: the image file.
        facts: what the data set knows of the person, `{"Hat", "!Boots"}` (see `harcli.attributes.mapping`).
        part: `train`, `val` or `test` of the split that was asked for.
        box: the person in the image, `(x1, y1, x2, y2)` pixels; None means the whole image.
        mask: where the person is, or None: a `.mat` file with the label map of the whole image (0 is background), or a
            `.png` of `harcli masks` (see `harcli.datasets.masks`).
        person: who it is, where the data set tells, else empty.
    """

    dataset: str
    image: Path
    facts: frozenset[str]
    part: str
    box: Box | None = None
    mask: Path | None = None
    person: str = ""


def part_of(number: int) -> str:
    """The part of an image or identity number: last digit 1 is test, 6 is val, the others are train.

    The numbers that 5 divides are in train here; where they are kept out of the data (as an independent check may do),
    the parts stay the same.
    """
    return {1: "test", 6: "val"}.get(number % 10, "train")


def label_map(path: Path) -> NDArray[np.uint8]:
    """Clothing Co-Parsing's pixel map, `(H, W)`, ids of its label list; 0 is background."""
    from scipy.io import loadmat

    return np.asarray(loadmat(path)["groundtruth"], dtype=np.uint8)


def mask_box(mask: NDArray[np.uint8]) -> Box | None:
    """The bounding box of the pixels that are not 0, or None where there are none."""
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return None
    return float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)
