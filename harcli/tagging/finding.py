"""What is computed of a photo, before anybody's choice of attributes and thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harcli.results import Box


@dataclass(frozen=True, slots=True)
class Person:
    """One person as detected and recognised.

    Attributes:
        box: `(x1, y1, x2, y2)` in displayed pixels.
        score: the detector's confidence, 0..1.
        probabilities: float32 `(A,)`, one for each attribute of the model.
    """

    box: Box
    score: float
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Finding:
    """All that was found in one photo.

    Attributes:
        size: `(width, height)` as displayed; None if the photo could not be read.
        people: from left to right.
        error: why it could not be read, one line; empty if it was.
        note: what is to be known of a photo that was read, one line: that its last rows are missing; mostly empty.
    """

    size: tuple[int, int] | None = None
    people: tuple[Person, ...] = ()
    error: str = ""
    note: str = ""


def pack(people: tuple[Person, ...]) -> bytes:
    """People as bytes: P, then boxes and scores as float64 `(P, 5)`, then probabilities as float32 `(P, A)`."""
    if not people:
        return b""
    boxes = np.array([[*person.box, person.score] for person in people], "<f8")
    rows = np.stack([person.probabilities for person in people]).astype("<f4")
    return len(people).to_bytes(4, "little") + boxes.tobytes() + rows.tobytes()


def unpack(data: bytes) -> tuple[Person, ...]:
    """The opposite of `pack`.

    Raises:
        ValueError: the bytes are no such thing.
    """
    if not data:
        return ()
    count = int.from_bytes(data[:4], "little")
    end = 4 + count * 40
    if not count or len(data) < end:
        raise ValueError(f"{len(data)} bytes are not {count} people")
    boxes = np.frombuffer(data[4:end], "<f8").reshape(count, 5).tolist()
    rows = np.frombuffer(data[end:], "<f4").reshape(count, -1)
    return tuple(Person((x1, y1, x2, y2), s, row) for (x1, y1, x2, y2, s), row in zip(boxes, rows, strict=True))
