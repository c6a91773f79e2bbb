"""A row of a results file to a record. Whoever can write the file can put anything into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from harcli.printable import one_line
from harcli.results.record import Box, Record, Seen

_LARGEST = 1e9  # pixels, of either sign


def record(row: Sequence[Any], names: Sequence[str]) -> Record:
    """The record of a row.

    Args:
        row: `path_bytes`, the last columns, the fixed columns and the attributes', as SQLite gives them.
        names: of the attributes.

    Raises:
        ValueError: a value is missing, of another type or out of range; the message says which.
    """
    raw, note, start, end, best, track, path, width, height, person, x1, y1, x2, y2, score, tags, error, *values = row
    if raw is not None:
        if not isinstance(raw, bytes):
            raise ValueError("path_bytes is not bytes")
        path = raw.decode("utf-8", "surrogateescape")
    if not isinstance(path, str) or not isinstance(tags, str):
        raise ValueError("path or tags is not text")
    if not isinstance(error, str | None) or not isinstance(note, str | None):
        raise ValueError("error or note is not text")
    if not isinstance(person, int) or not 0 <= person < _LARGEST:
        raise ValueError("person is not 0, 1, 2 ...")
    for name, value in (("width", width), ("height", height)):
        if not (isinstance(value, int) and 0 < value < _LARGEST) and (value is not None or person):
            raise ValueError(f"{name} is not a number of pixels")
    if (width is None) != (height is None):
        raise ValueError("width or height is missing")
    if not person:
        return Record(path, width, height, error=error or "", note=note or "")
    given = tuple(filter(None, tags.split(";")))
    if unknown := set(given) - set(names):
        raise ValueError(f"'{one_line(min(unknown))}' is no attribute")
    probabilities = {name: _fraction(value, name) for name, value in zip(names, values, strict=True)}
    box = _box((x1, y1, x2, y2))
    score = _fraction(score, "score")
    seen = _seen(track, start, end, best)
    return Record(path, width, height, person, box, score, given, probabilities, error or "", note or "", seen)


def _seen(track: Any, *times: Any) -> Seen | None:
    if track is None and times == (None, None, None):
        return None
    if not isinstance(track, int) or not 0 < track < _LARGEST:
        raise ValueError("track is not 1, 2 ...")
    if not all(isinstance(time, int | float) and math.isfinite(time) for time in times):
        raise ValueError("a time is not a number of seconds")
    start, end, best = (float(time) for time in times)
    if not 0 <= start <= best <= end:
        raise ValueError("the times are not in order")
    return Seen(track, start, end, best)


def _box(values: tuple[Any, Any, Any, Any]) -> Box:
    if not all(isinstance(value, int | float) and abs(value) < _LARGEST for value in values):
        raise ValueError("the box is not four numbers of pixels")
    x1, y1, x2, y2 = (float(value) for value in values)
    if x1 > x2 or y1 > y2:
        raise ValueError("the box ends before it begins")
    return x1, y1, x2, y2


def _fraction(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise ValueError(f"{name} is not in 0..1")
    return float(value)
