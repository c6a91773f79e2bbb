"""What is computed of a photo, before anybody's choice of attributes and thresholds."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harcli.results import Box, Seen

_VIDEO = 2**31

_BOX = struct.Struct("<5d")  # and its score


@dataclass(frozen=True, slots=True)
class Person:
    """One person as detected and recognised.

    Attributes:
        box: `(x1, y1, x2, y2)` in displayed pixels.
        score: the detector's confidence, 0..1.
        probabilities: float32 `(A,)`, one for each attribute of the model.
        seen: when, if it is a video; `box` and `score` are then those of its best frame.
    """

    box: Box
    score: float
    probabilities: NDArray[np.float32]
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """All that was found in one photo.

    Attributes:
        size: `(width, height)` as displayed; None if the photo could not be read.
        people: from left to right; in a video those who are followed through it, in the order of appearing.
        error: why it could not be read, one line; empty if it was.
        note: what is to be known of a photo that was read, one line: that its last rows are missing; mostly empty.
    """

    size: tuple[int, int] | None = None
    people: tuple[Person, ...] = ()
    error: str = ""
    note: str = ""


def pack(people: tuple[Person, ...]) -> bytes:
    """People as bytes: P, then boxes and scores as float64 `(P, 5)`, then probabilities as float32 `(P, A)`.

    Those of a video have P + 2^31, and track, start, end and best as float64 `(P, 4)` before the probabilities.
    """
    if not people:
        return b""
    boxes = np.array([[*person.box, person.score] for person in people], "<f8")
    rows = np.stack([person.probabilities for person in people]).astype("<f4")
    times = np.array([[p.seen.track, p.seen.start, p.seen.end, p.seen.best] for p in people if p.seen], "<f8")
    count = len(people) + (_VIDEO if len(times) else 0)
    return count.to_bytes(4, "little") + boxes.tobytes() + times.tobytes() + rows.tobytes()


def unpack(data: bytes) -> tuple[Person, ...]:
    """The opposite of `pack`.

    Raises:
        ValueError: the bytes are no such thing.
    """
    if not data:
        return ()
    video, count = divmod(int.from_bytes(data[:4], "little"), _VIDEO)
    middle = 4 + count * 40
    end = middle + count * 32 * video
    if not count or len(data) < end:
        raise ValueError(f"{len(data)} bytes are not {count} people")
    boxes, seen = _BOX.iter_unpack(data[4:middle]), _seen(data[middle:end]) if video else [None] * count
    rows = np.frombuffer(data, "<f4", offset=end).reshape(count, -1)
    return tuple(
        [
            Person((x1, y1, x2, y2), s, row, when)
            for (x1, y1, x2, y2, s), row, when in zip(boxes, rows, seen, strict=True)
        ]
    )


def _seen(data: bytes) -> list[Seen]:
    return [Seen(int(track), start, end, best) for track, start, end, best in struct.iter_unpack("<4d", data)]
