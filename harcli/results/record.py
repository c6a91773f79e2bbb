"""One row of the results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Box = tuple[float, float, float, float]

TOO_SMALL = "too small to judge"
"""How the note of a person begins who gets no tags for that reason."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When a person of a video is seen, in seconds from its beginning.

    Attributes:
        track: the number of the person in the video: 1, 2, ... in the order of appearing.
        start: of the first frame.
        end: of the last one.
        best: of the one that the box is in.
    """

    track: int
    start: float
    end: float
    best: float


@dataclass(frozen=True, slots=True)
class Record:
    """A person in a photo, or one followed through a video; or a photo without one; or a file that could not be read.

    Attributes:
        path: as the user named it, or below the folder that the user named; a byte of a name that is not UTF-8 is a
            lone surrogate, as `os.fsdecode` gives it.
        width: of the photo as displayed, in pixels; None if it could not be read.
        height: like `width`.
        person: 1, 2, ... from left to right, in a video in the order of appearing; 0 where there is no person.
        box: `(x1, y1, x2, y2)` in displayed pixels; None where there is no person.
        score: the detector's confidence in 0..1; None where there is no person.
        tags: attributes above their thresholds, contradictory ones resolved.
        probabilities: by attribute, 0..1, in the order of the run's attributes; None where there is no person.
        error: why the file could not be read, one line; empty if it was.
        note: what is to be known of a photo that was read, one line: that it is cut off; mostly empty.
        seen: when; None in photos.
    """

    path: str
    width: int | None = None
    height: int | None = None
    person: int = 0
    box: Box | None = None
    score: float | None = None
    tags: tuple[str, ...] = ()
    probabilities: Mapping[str, float] | None = None
    error: str = ""
    note: str = ""
    seen: Seen | None = None
