"""The data sets by name, and their labels under the canonical names or their own.

A data set is a module with:

    TITLE, TERMS, SOURCE   what it is called, under what terms it may be used, where it is available
    ATTRIBUTES             its own labels that its standard protocol scores, in the published order
    TABLE                  the rule for each canonical attribute, from its own labels
    SPLITS                 names of its splits: the published ones first, and SHARED_SPLIT
    FILES                  files by one of which its folder is known
    PUBLISHED              what it publishes of itself, for `harcli datasets check`
    NOTE                   what a user should know of its files (optional)
    WHOLE_PHOTOS           True where its images are photos, without boxes (optional)
    load(root, split)      its labelled samples, each with its part under that split, on disk or not

A name that ends in `.csv` is a file of the user's own data (`harcli.datasets.manifest`), whose columns are its labels;
a `people.csv` that has columns for words holds labels by eye (`harcli.datasets.labelled`).
"""

from __future__ import annotations

import csv
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import UNKNOWN, Rule, labels_for
from harcli.datasets import (
    ccp,
    clothing_attributes,
    labelled,
    manifest,
    market1501,
    pa100k,
    peta,
    peta_raw,
    rap,
    rap2,
    wider,
)
from harcli.datasets.files import existing
from harcli.datasets.sample import SHARED_SPLIT, Box, Sample, is_csv
from harcli.errors import HarcliError
from harcli.folders import folders_in, is_folder
from harcli.near import did_you_mean, plain

DATASETS: dict[str, ModuleType] = {
    "peta": peta,
    "peta_raw": peta_raw,
    "pa100k": pa100k,
    "rap": rap,
    "rap2": rap2,
    "wider": wider,
    "market1501": market1501,
    "ccp": ccp,
    "clothing_attributes": clothing_attributes,
    "everyday": labelled,
    "labelled": labelled,
}


OVERLAPPING = ({"peta", "peta_raw"}, {"rap", "rap2"})

log = logging.getLogger(__name__)


def load(names: Sequence[str], root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """The samples of several data sets whose image is on disk.

    Args:
        names: keys of `DATASETS`, and `.csv` files of one's own; they become `Sample.dataset`.
        root: the folder that holds a folder for each data set (see `place`).
        split: one of each data set's `SPLITS`; empty: the first of them, the published one.

    Raises:
        HarcliError: a name or the split is unknown, or a data set's files are missing or odd.
    """
    for both in OVERLAPPING:
        if both <= set(names):
            raise HarcliError(f"{' and '.join(sorted(both))} hold the same people; train on one of them")
    samples: list[Sample] = []
    for name in names:
        folder = place(name, root)
        samples += existing(samples_of(name, root, split), folder)
    return samples


def samples_of(name: str, root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """The samples of one data set, whether their image is on disk or not; arguments and errors as of `load`."""
    module = dataset(name)
    if split and split not in module.SPLITS:
        others = f"it has {', '.join(module.SPLITS)}"
        raise HarcliError(f"{name} has no split '{split}'; {did_you_mean([split], module.SPLITS, others)}")
    samples: list[Sample] = module.load(place(name, root), split or module.SPLITS[0])
    return [replace(s, dataset=name) for s in samples] if module in (manifest, labelled) else samples


def dataset(name: str) -> ModuleType:
    """The module of a data set; that of `manifest` for a `.csv` file.

    Raises:
        HarcliError: the name is unknown.
    """
    if is_csv(name):
        return labelled if labelled.holds_words(Path(name)) else manifest
    if name not in DATASETS:
        known = f"known: {', '.join(DATASETS)}, or a .csv file of your own"
        raise HarcliError(f"unknown data set '{name}'; {did_you_mean([name], DATASETS, known)}")
    return DATASETS[name]


_ARCHIVES = {"market1501": "market1501v150915"}
"""What the authors' archives unpack as, in plain letters."""


def place(name: str, root: Path) -> Path:
    """Where a data set lies: the folder of its name under `root`, or `root` itself where it is that folder already.

    The folder may be written otherwise: `PA-100K`, `Market-1501`. So may that which its archive unpacks as.

    A manifest is a file like any other, named from the current folder.

    Raises:
        HarcliError: the data set is neither here nor there.
    """
    module = dataset(name)
    if is_csv(name):
        return Path(name)
    if is_folder(root / name):
        return root / name
    if alike := [folder for folder in folders_in(root) if plain(folder.name) in (plain(name), _ARCHIVES.get(name))]:
        return alike[0]
    if any((root / file).exists() for file in module.FILES):
        return root
    raise HarcliError(
        f"{root / name}: no such folder; --root is the folder with one folder per data set, here {name}/ with "
        f"{module.FILES[0]} in it"
    )


def own_attributes(names: Sequence[str], root: Path) -> list[str]:
    """A data set's own labels, in the published order, or in that of a manifest's columns.

    Raises:
        HarcliError: several data sets are named, whose own labels differ, or an unknown one.
    """
    modules = [dataset(name) for name in names]
    if len(modules) != 1:
        raise HarcliError(f"own labels are those of one data set, not of {', '.join(names)}; train on shared labels")
    if modules[0] is manifest:
        return list(manifest.attributes(place(names[0], root)))
    return list(modules[0].ATTRIBUTES)


def labels_of(samples: Sequence[Sample], attributes: Sequence[str], own: bool = False) -> NDArray[np.int8]:
    """`(N, A)` int8: 1 positive, 0 negative, -1 unknown, -2 cannot be seen (which only labels by eye say).

    Args:
        attributes: canonical names, to which each data set's `TABLE` leads; or, where `own`, names of the data sets'
            own labels as they are published.
    """
    itself = {name: Rule((name,)) for name in attributes}
    rows: dict[tuple[str, frozenset[str], frozenset[str] | None], list[int]] = {}  # many samples share their facts
    for s in samples:
        key = s.dataset, s.facts, None if own else s.by_eye
        if key not in rows:
            rows[key] = labels_for(attributes, itself if own else dataset(s.dataset).TABLE, s.facts)
            if not own and s.by_eye is not None:
                seen = labels_for(attributes, itself, s.by_eye)
                rows[key] = [
                    eye if eye != UNKNOWN else published for eye, published in zip(seen, rows[key], strict=True)
                ]
    labels = [rows[s.dataset, s.facts, None if own else s.by_eye] for s in samples]
    return np.array(labels, dtype=np.int8).reshape(len(samples), len(attributes))


def read_boxes(path: Path) -> dict[str, Box]:
    """The largest person box of each photo in a CSV that `harcli tag` has written, by `folder/../file` name.

    Keys are the last three parts of the path joined by `/` (`ccp/photos/0001.jpg`), so that the CSV may have been made
    on another machine.

    Raises:
        HarcliError: the file is missing or lacks the columns path, x1, y1, x2, y2.
    """
    boxes: dict[str, Box] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
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


def boxed(samples: Sequence[Sample], file: Path | None) -> list[Sample]:
    """The samples with the boxes of a result of `harcli tag`; without one, says whose photos will be taken whole.

    Raises:
        HarcliError: as of `read_boxes` and `with_boxes`.
    """
    if file is not None:
        return with_boxes(samples, read_boxes(file))
    whole = Counter(s.dataset for s in samples if s.box is None and getattr(dataset(s.dataset), "WHOLE_PHOTOS", False))
    for name, count in whole.items():
        log.warning(
            "%s: %d whole photos without a box, each taken as one person; --boxes boxes.csv, a result of `harcli tag` "
            "on them, cuts the people out",
            *(name, count),
        )
    return list(samples)


def with_boxes(samples: Sequence[Sample], boxes: dict[str, Box]) -> list[Sample]:
    """The samples with boxes filled in where they have none of their own; says how many got none.

    Raises:
        HarcliError: not one of the boxes is of these images.
    """
    filled = [replace(s, box=boxes.get("/".join(s.image.parts[-3:]))) if s.box is None else s for s in samples]
    lacking = sum(s.box is None for s in samples)
    left = sum(s.box is None for s in filled)
    if lacking and left == lacking:
        example = "/".join(samples[0].image.parts[-3:])
        raise HarcliError(f"--boxes: has no box for any of {lacking} images; its paths must end like {example}")
    if left:
        log.warning("--boxes: no box for %d of %d images, which are taken whole", left, lacking)
    return filled


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
