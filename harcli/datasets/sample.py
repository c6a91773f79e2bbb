"""What every data set gives: samples, and the part that each belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.photos.decode import opened

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
        by_eye: what labels by eye say of the person, in canonical names (`harcli.datasets.words`); where a data set's
            own labels overlap with them, these win. None: there are none.
        whole_mask: True where a `.png` mask is of the whole photo in its size, as a manifest's is; those of
            `harcli masks` show the person's box with some context.
    """

    dataset: str
    image: Path
    facts: frozenset[str]
    part: str
    box: Box | None = None
    mask: Path | None = None
    person: str = ""
    whole_mask: bool = False
    by_eye: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What a data set says of itself; 0 and empty: it does not say.

    Attributes:
        images: image files.
        samples: labelled people: boxes where an image shows several.
        partitions: the size of each part of its published splits, in samples; `train+val`: of both together.
        persons: different people, where it tells them apart.
        positives: samples with a label that holds.
        unknown: samples of which a label is not known.
    """

    images: int
    samples: int
    partitions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    persons: int = 0
    positives: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)


def is_csv(dataset: str) -> bool:
    """Whether the name of a data set is that of a file of one's own."""
    return dataset.lower().endswith(".csv")


def facts_of(names: Sequence[str], values: NDArray[np.int64]) -> list[frozenset[str]]:
    """The facts of each row of labels.

    Args:
        names: of the A labels.
        values: `(N, A)`: 1 the label holds, 0 it does not, anything else unknown.
    """
    pairs = [(f"!{name}", name) for name in names]
    sets: dict[bytes, frozenset[str]] = {}  # equal rows share one set: PETA's 19,000 have 8,000 different ones
    facts = []
    for row in np.where((values == 0) | (values == 1), values, -1).astype(np.int8):
        key = row.tobytes()
        if key not in sets:
            sets[key] = frozenset([pair[v] for pair, v in zip(pairs, row.tolist(), strict=True) if v >= 0])
        facts.append(sets[key])
    return facts


def few_of_each(people: Sequence[str], limit: int) -> list[int]:
    """Places of at most `limit` samples of each person, evenly spaced."""
    places: dict[str, list[int]] = {}
    for i, person in enumerate(people):
        places.setdefault(person, []).append(i)
    return [i for own in places.values() for i in own[:: max(1, -(-len(own) // limit))]]


def part_by_name(name: str) -> str:
    """The part of a person or an image that has a name and no number: eight in ten train, one val, one test.

    The same name is in the same part on every machine.
    """
    return part_of(crc32(name.encode("utf-8", "surrogateescape")))


def part_of(number: int) -> str:
    """The part of an image or identity number: last digit 1 is test, 6 is val, the others are train.

    The numbers that 5 divides are in train here; where they are kept out of the data (as an independent check may do),
    the parts stay the same.
    """
    return {1: "test", 6: "val"}.get(number % 10, "train")


def label_map(path: Path) -> NDArray[np.uint8]:
    """A mask of the whole photo, `(H, W)`; 0 is background.

    From a `.mat` file: Clothing Co-Parsing's ids of its label list. From a `.png`: whatever its pixels hold.

    Raises:
        HarcliError: it is not such a file.
    """
    try:
        if path.suffix.lower() == ".png":
            with opened(path) as file:
                pixels = np.asarray(file)
            return np.asarray((pixels[..., :3].any(-1) if pixels.ndim == 3 else pixels != 0), dtype=np.uint8)
        from scipy.io import loadmat

        return np.asarray(loadmat(path)["groundtruth"], dtype=np.uint8)
    except Exception as error:  # scipy and Pillow raise what their parsers happen to hit in a damaged file
        raise HarcliError(f"{path}: not a readable mask ({error})") from error


def mask_box(mask: NDArray[np.uint8]) -> Box | None:
    """The bounding box of the pixels that are not 0, or None where there are none."""
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return None
    return float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)
