"""The data sets by name, and their labels under the canonical names or their own.

A data set is a module with:

    TITLE, TERMS, SOURCE   what it is called, under what terms it may be used, where it is to be had
    ATTRIBUTES             its own labels that its standard protocol scores, in the published order
    TABLE                  the rule for each canonical attribute, from its own labels
    SPLITS                 names of its splits: the published ones first, and SHARED_SPLIT
    PUBLISHED              what it publishes of itself, for `harcli datasets check`
    load(root, split)      its samples, each with its part under that split
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import Rule, labels_for
from harcli.datasets import ccp, clothing_attributes, pa100k, peta
from harcli.datasets.sample import SHARED_SPLIT, Box, Sample
from harcli.errors import HarcliError

DATASETS: dict[str, ModuleType] = {
    "peta": peta,
    "pa100k": pa100k,
    "ccp": ccp,
    "clothing_attributes": clothing_attributes,
}


def load(names: Sequence[str], root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """The samples of several data sets, each in the folder of its name under `root`.

    Args:
        split: one of each data set's `SPLITS`; empty: the first of them, the published one.

    Raises:
        HarcliError: a name or the split is unknown, or a data set's files are missing or odd.
    """
    samples: list[Sample] = []
    for name in names:
        module = dataset(name)
        if not (root / name).is_dir():
            raise HarcliError(f"{root / name}: not a folder; --root is the folder that holds {', '.join(names)}")
        if split and split not in module.SPLITS:
            raise HarcliError(f"{name} has no split '{split}'; it has {', '.join(module.SPLITS)}")
        samples += module.load(root / name, split or module.SPLITS[0])
    return samples


def dataset(name: str) -> ModuleType:
    """The module of a data set.

    Raises:
        HarcliError: the name is unknown.
    """
    if name not in DATASETS:
        raise HarcliError(f"unknown data set '{name}'; known: {', '.join(DATASETS)}")
    return DATASETS[name]


def own_attributes(names: Sequence[str], root: Path) -> list[str]:
    """The labels that a data set publishes, in its order."""
    return list(dataset(names[0]).ATTRIBUTES)


def labels_of(samples: Sequence[Sample], attributes: Sequence[str], own: bool = False) -> NDArray[np.int8]:
    """`(N, A)` int8: 1 positive, 0 negative, -1 unknown.

    Args:
        attributes: canonical names, to which each data set's `TABLE` leads; or, where `own`, names of the data sets'
            own labels as they are published.
    """
    itself = {name: Rule((name,)) for name in attributes}
    rows = [labels_for(attributes, itself if own else DATASETS[s.dataset].TABLE, s.facts) for s in samples]
    return np.array(rows, dtype=np.int8).reshape(len(samples), len(attributes))


def read_boxes(path: Path) -> dict[str, Box]:
    """The largest person box of each photo in a CSV that `harcli tag` has written, by `folder/../file` name.

    Keys are the last three parts of the path joined by `/` (`ccp/photos/0001.jpg`), so that the CSV may have been made
    on another machine.

    Raises:
        HarcliError: the file is missing or lacks the columns path, x1, y1, x2, y2.
    """
    boxes: dict[str, Box] = {}
    try:
        with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            for row in csv.DictReader(file):
                if not row["x1"]:
                    continue
                box = (float(row["x1"]), float(row["y1"]), float(row["x2"]), float(row["y2"]))
                key = "/".join(Path(row["path"]).parts[-3:])
                if key not in boxes or _area(box) > _area(boxes[key]):
                    boxes[key] = box
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror})") from error
    except (KeyError, ValueError) as error:
        raise HarcliError(f"{path}: not a CSV of harcli tag (columns path, x1, y1, x2, y2 are needed)") from error
    return boxes


def with_boxes(samples: Sequence[Sample], boxes: dict[str, Box]) -> list[Sample]:
    """The samples with boxes filled in where they have none of their own."""
    return [replace(s, box=boxes.get("/".join(s.image.parts[-3:]))) if s.box is None else s for s in samples]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
