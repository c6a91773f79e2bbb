"""Where the mask of a sample lies that `harcli masks` has made, and samples with such masks."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harcli.datasets.sample import Sample, is_csv
from harcli.errors import HarcliError

log = logging.getLogger(__name__)


def mask_folder(folder: Path, dataset: str) -> Path:
    """The masks of one data set: `folder/peta`; of one's own data in `somewhere/shop.csv`, `folder/shop`."""
    return folder / (Path(dataset).stem if is_csv(dataset) else dataset)


def mask_file(folder: Path, sample: Sample) -> Path:
    """`<image stem>-<hash>.png` in the data set's folder of masks.

    The hash is of the image's path inside the data set and of the box (to a tenth of a pixel), so that images of one
    name in several subfolders and people of one image have files of their own, and the data may move.
    """
    box = "" if sample.box is None else " ".join(f"{v:.1f}" for v in sample.box)
    key = f"{inner_path(sample)}\n{box}"
    code = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return mask_folder(folder, sample.dataset) / f"{sample.image.stem[:100]}-{code}.png"


def with_masks(samples: Sequence[Sample], folder: Path) -> list[Sample]:
    """The samples with the masks of `harcli masks` where they have none of their own.

    Real masks (a data set's own) win. Says how many samples got one.

    Raises:
        HarcliError: the folder is missing, or holds no mask for any of these samples.
    """
    if not folder.is_dir():
        raise HarcliError(f"{folder}: not a folder; make it with `harcli masks --out {folder}`")
    filled = [_with_mask(s, mask_file(folder, s)) for s in samples]
    lacking = sum(s.mask is None for s in samples)
    got = lacking - sum(s.mask is None for s in filled)
    if lacking and not got:
        names = ", ".join(sorted({s.dataset for s in samples if s.mask is None}))
        raise HarcliError(
            f"{folder}: holds no mask for any of {lacking} samples of {names}; "
            "`harcli masks` makes them, with the same --boxes as in training"
        )
    log.warning("%s: masks for %d of %d samples without one of their own", folder, got, lacking)
    return filled


def _with_mask(sample: Sample, file: Path) -> Sample:
    return replace(sample, mask=file) if sample.mask is None and file.is_file() else sample


def inner_path(sample: Sample) -> str:
    """The image's path inside its data set.

    That is below the innermost folder of the data set's name, or below the folder of one's own `.csv`; of an image
    elsewhere, the last three parts of its path.
    """
    parts = sample.image.parts
    if is_csv(sample.dataset):
        base = Path(os.path.normpath(Path(sample.dataset).parent))
        return sample.image.relative_to(base).as_posix() if sample.image.is_relative_to(base) else "/".join(parts[-3:])
    above = [i for i, part in enumerate(parts[:-1]) if part == sample.dataset]
    return "/".join(parts[above[-1] + 1 :] if above else parts[-3:])
