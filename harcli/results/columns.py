"""The columns of results, in every form that has columns; docs/columns.md says what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from harcli.results.record import Record

FIXED_COLUMNS = ("path", "width", "height", "person", "x1", "y1", "x2", "y2", "score", "tags", "error")
"""The columns before the attributes, here and in CSV files."""

TIME_COLUMNS = ("time_start", "time_end", "time_best", "track")
"""What is known of a person in a video; see `Seen`."""

LAST_COLUMNS = ("note", *TIME_COLUMNS)
"""The columns after the attributes, which came later; here and in CSV files."""

_OTHER_COLUMNS = (*FIXED_COLUMNS, *LAST_COLUMNS, "path_bytes", "rowid", "photo_etag", "photo_bytes", "photo_modified")


def column_names(names: Sequence[str], others: Sequence[str] = _OTHER_COLUMNS) -> list[str]:
    """A column for each attribute; `_2`, `_3` ... is added where programs that ignore case would take two for one.

    Args:
        others: lower-case names that are taken.
    """
    taken = set(others)
    columns = []
    for name in names:
        column, number = name, 1
        while column.lower() in taken:
            number += 1
            column = f"{name}_{number}"
        taken.add(column.lower())
        columns.append(column)
    return columns


def times(record: Record) -> tuple[float | int | None, ...]:
    """The values of `TIME_COLUMNS`, seconds rounded to hundredths."""
    seen = record.seen
    if seen is None:
        return (None,) * len(TIME_COLUMNS)
    return round(seen.start, 2), round(seen.end, 2), round(seen.best, 2), seen.track


def readable(path: str) -> str:
    """A path as text that any program takes: bytes that are not UTF-8 stand as `\\xff`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
