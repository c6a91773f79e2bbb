"""Photos in blocks: what a process of the cluster gets at a time, and writes as one part."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harcli.outputs.dataset.parts import PHOTOS
from harcli.outputs.dataset.stamps import Named
from harcli.video import is_video

_EACH = 4
"""Blocks for each process at least, so that all end at about the same time."""

_VIDEO = 50
"""Photos that a video counts for: minutes of film at a frame a second."""


def block_rows(photos: Sequence[Named], processes: int) -> list[dict[str, Any]]:
    """Rows of Ray Data, one for each block, in the order of the photos.

    Args:
        processes: that they are divided among.
    """
    size = max(1, min(PHOTOS, sum(map(_weight, photos)) // (processes * _EACH)))
    rows: list[dict[str, Any]] = []
    block: list[Named] = []
    weight = 0
    for number, photo in enumerate(photos):
        if block and weight + _weight(photo) > size:
            rows.append(_row(number - len(block), block))
            block, weight = [], 0
        block.append(photo)
        weight += _weight(photo)
    return [*rows, _row(len(photos) - len(block), block)] if block else rows


def blocks_in(rows: Mapping[str, Any]) -> Iterator[tuple[int, list[Named]]]:
    """The blocks in what Ray Data hands over: the number of the first photo in the run, and all of them."""
    for number, photos in zip(rows["number"], rows["photos"], strict=True):
        yield int(number), pickle.loads(bytes(photos))


def _row(number: int, photos: Sequence[Named]) -> dict[str, Any]:
    return {"number": number, "photos": pickle.dumps(list(photos))}  # pickled: a path need not be UTF-8


def _weight(photo: Named) -> int:
    return _VIDEO if is_video(photo.place) else 1
