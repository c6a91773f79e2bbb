"""Pseudo ground truth for the mask branch: a PNG for each person, made by a segmentation model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from harcli.datasets.masks import inner_path, mask_file
from harcli.datasets.sample import Sample
from harcli.datasets.transforms import with_context
from harcli.errors import HarcliError
from harcli.outputs.whole_file import whole_binary
from harcli.photos.errors import PhotoError
from harcli.training.mask_log import Entry, MaskLog
from harcli.training.segmenter import Crop, Found, Segmenter

CHUNK = 64  # people decoded before they go through the network


@dataclass
class Counts:
    """What became of the people of one data set.

    Attributes:
        own: have a mask of the data set's own; none is made.
        made: mask made now.
        kept: mask made before.
        nobody: no person found at their place, now or before.
        unreadable: their image could not be read; they are tried again the next time.
    """

    own: int = 0
    made: int = 0
    kept: int = 0
    nobody: int = 0
    unreadable: int = 0


def context_crop(sample: Sample) -> Crop:
    """The person with `CONTEXT` around, which is what a mask file covers.

    Raises:
        PhotoError: the image cannot be read.
    """
    pixels, box, _ = with_context(sample)
    return Crop(pixels, box)


def without_own(samples: Sequence[Sample], folder: Path) -> dict[Path, Sample]:
    """The samples that need a mask, by its file; of several samples of one image and box, one.

    Raises:
        HarcliError: two images would share a file.
    """
    files: dict[Path, Sample] = {}
    for sample in samples:
        if sample.mask is None:
            other = files.setdefault(mask_file(folder, sample), sample)
            if other.image != sample.image:
                raise HarcliError(
                    f"{sample.image} and {other.image}: their masks would have one name; keep a data set's images "
                    "in a folder of its name, one's own below the .csv file"
                )
    return files


def make_masks(
    samples: dict[Path, Sample],
    folder: Path,
    segmenter: Segmenter,
    counts: Counts,
    step: Callable[[int, int], None],
    complain: Callable[[str], None],
) -> None:
    """Make the masks of one data set's samples that are not made yet.

    Each mask appears whole or not at all, and its line in `masks.csv` after it; so this may be killed at any moment
    and goes on from there.

    Args:
        samples: by mask file, see `without_own`; all of one data set.
        folder: the data set's folder of masks, see `mask_folder`.
        counts: filled as it goes.
        step: told how many people more are done, `(from before, now)`.
        complain: given a line for each image that cannot be read.

    Raises:
        HarcliError: a file cannot be written, or the folder's list is not ours.
    """
    try:
        log = MaskLog(folder)
    except OSError as error:
        raise HarcliError(f"{folder}: cannot be written to ({error.strerror})") from error
    try:
        todo = []
        for file, sample in samples.items():
            entry = log.entries.get(file.name)
            if entry is None:
                todo.append((file, sample))
            elif entry.score is None:
                counts.nobody += 1
            else:
                counts.kept += 1
        step(len(samples) - len(todo), 0)
        for start in range(0, len(todo), CHUNK):
            part = todo[start : start + CHUNK]
            readable = list(_readable(part, counts, complain))
            for (file, sample, _), found in zip(readable, segmenter.find([c for _, _, c in readable]), strict=True):
                log.add(_entry(file, sample, found))
                counts.made += found is not None
                counts.nobody += found is None
            step(0, len(part))
    except OSError as error:
        raise HarcliError(f"{folder}: cannot be written to ({error.strerror}); what is made stays") from error
    finally:
        log.close()


def _readable(
    part: Sequence[tuple[Path, Sample]], counts: Counts, complain: Callable[[str], None]
) -> Iterator[tuple[Path, Sample, Crop]]:
    for file, sample in part:
        try:
            yield file, sample, context_crop(sample)
        except PhotoError as error:
            counts.unreadable += 1
            complain(str(error))


def _entry(file: Path, sample: Sample, found: Found | None) -> Entry:
    """Write the mask, if there is one; the line for it."""
    image = inner_path(sample)
    if found is None:
        return Entry(file.name, image, None, 0.0, 0.0)
    with whole_binary(file) as temporary:
        Image.fromarray(found.mask.astype(np.uint8) * 255).save(temporary, format="PNG")
    score, overlap, area = found.choice.score, found.choice.overlap, float(found.mask.mean())
    return Entry(file.name, image, round(score, 4), round(overlap, 4), round(area, 4))
