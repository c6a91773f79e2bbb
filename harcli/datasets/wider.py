"""WIDER-Attribute (Li et al. 2016): photos with a box and 14 labels for each person."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from harcli.attributes import Rule
from harcli.datasets.files import load_json, on_disk, photo_size
from harcli.datasets.sample import SHARED_SPLIT, Box, Published, Sample, facts_of
from harcli.errors import HarcliError

TITLE = "WIDER-Attribute"
SOURCE = "http://mmlab.ie.cuhk.edu.hk/projects/WIDERAttribute.html"
TERMS = "WIDER-Attribute: no licence stated, treat as research only (Li et al. 2016)"
SPLITS = ("official", SHARED_SPLIT)
ATTRIBUTES = (
    *("Male", "longHair", "sunglass", "Hat", "Tshirt", "longSleeve", "formal"),
    *("shorts", "jeans", "longPants", "skirt", "faceMask", "logo", "stripe"),
)
_ANNOTATION = "wider_attribute_annotation"
FILES = tuple(f"{_ANNOTATION}/wider_attribute_{name}.json" for name in ("trainval", "test"))
PUBLISHED = Published(images=13789, samples=57524, partitions={"official": {"train+val": 28345, "test": 29179}})

TABLE: dict[str, Rule] = {
    "male": Rule(("Male",)),
    "female": Rule(("!Male",), ("Male",)),
    "long-hair": Rule(("longHair",)),
    "sunglasses": Rule(("sunglass",)),
    "glasses": Rule(("sunglass",), ()),
    "hat": Rule(("Hat",)),
    "t-shirt": Rule(("Tshirt",)),
    "long-sleeves": Rule(("longSleeve",)),
    "short-sleeves": Rule((), ("longSleeve",)),
    "sleeveless": Rule((), ("longSleeve",)),
    "formal": Rule(("formal",)),
    "shorts": Rule(("shorts",)),
    "jeans": Rule(("jeans",)),
    "long-pants": Rule(("longPants", "jeans"), unless=("shorts",)),
    "skirt": Rule(("skirt",)),
    "face-mask": Rule(("faceMask",)),
    "logo": Rule(("logo",)),
    # Its files say stripe, the papers' tables plaid: where it holds, it is one of the two.
    "stripes": Rule((), ("!stripe",)),
    "plaid": Rule((), ("!stripe",)),
}


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """WIDER-Attribute's people, a sample each, under its official parts, which our shared split keeps.

    1 is positive, -1 negative, 0 unknown. Boxes are cut at the photo's edge; one that lies outside, or has no size,
    becomes the whole photo, as public code has it.
    """
    samples: list[Sample] = []
    values: list[list[int]] = []
    for name in FILES:
        path = root / name
        for image, part, targets in _images(path, load_json(path)):
            for target in targets:
                labels, box = _target(path, image, target)
                samples.append(Sample("wider", root / "Image" / image, frozenset(), part, box))
                values.append([{1: 1, -1: 0}.get(v, -1) for v in labels])
    facts = facts_of(ATTRIBUTES, np.array(values, dtype=np.int64).reshape(-1, len(ATTRIBUTES)))
    sizes: dict[Path, tuple[int, int]] = {}
    clean = []
    for sample, known, here in zip(samples, facts, on_disk(samples), strict=True):
        if here and sample.image not in sizes:
            sizes[sample.image] = photo_size(sample.image)
        cut = clean_box(sample.box, sizes[sample.image]) if here and sample.box else sample.box
        clean.append(replace(sample, facts=known, box=cut))
    return clean


def clean_box(box: Box, size: tuple[int, int]) -> Box | None:
    """A box cut at the edge of a photo of `size` (width, height); None, the whole photo, where nothing is left."""
    x1, y1, x2, y2 = max(0.0, box[0]), max(0.0, box[1]), min(float(size[0]), box[2]), min(float(size[1]), box[3])
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def _images(path: Path, annotation: Any) -> list[tuple[str, str, list[Any]]]:
    """Each image's file, part and targets."""
    try:
        if len(annotation["attribute_id_map"]) != len(ATTRIBUTES):
            raise HarcliError(f"{path}: attribute_id_map has {len(annotation['attribute_id_map'])} labels, expected 14")
        rows = [(str(row["file_name"]), list(row["targets"])) for row in annotation["images"]]
    except (KeyError, TypeError) as error:
        raise HarcliError(f"{path}: expected images with file_name and targets, and attribute_id_map") from error
    images = []
    for image, targets in rows:
        part = image.partition("/")[0]
        if part not in ("train", "val", "test") or ".." in image:
            raise HarcliError(f"{path}: names an image '{image}', expected train/, val/ or test/ and the file")
        images.append((image, part, targets))
    return images


def _target(path: Path, image: str, target: Any) -> tuple[list[int], Box]:
    """The 14 values and the box, in corners, of one person."""
    try:
        labels, (x, y, w, h) = list(target["attribute"]), map(float, target["bbox"])
    except (KeyError, TypeError, ValueError) as error:
        raise HarcliError(f"{path}: {image}: expected targets with attribute and bbox [x, y, w, h]") from error
    if len(labels) != len(ATTRIBUTES) or any(v not in (-1, 0, 1) for v in labels):
        raise HarcliError(f"{path}: {image}: attribute {labels}: expected {len(ATTRIBUTES)} values of -1, 0 and 1")
    if not all(map(math.isfinite, (x, y, w, h))):
        raise HarcliError(f"{path}: {image}: bbox {[x, y, w, h]}: expected four finite numbers")
    return labels, (x, y, x + w, y + h)
