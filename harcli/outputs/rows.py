"""Records as rows of plain values: what tables have in common, whatever file they end in.

Boxes are rounded to one decimal, scores and probabilities to four; what is not known is None.
"""

from __future__ import annotations

from collections.abc import Iterator

from harcli.results import Record, RunInfo
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS, column_names, times

Value = str | int | float | bool | tuple[str, ...] | None

BOX_COLUMNS = ("x1", "y1", "x2", "y2")

_NO_BOX = (None, None, None, None)
_ABOUT_PERSON = FIXED_COLUMNS[: FIXED_COLUMNS.index("tags")]

LONG_COLUMNS = (*_ABOUT_PERSON, "attribute", "group", "probability", "threshold", "tag", "error", *LAST_COLUMNS)
"""The columns of the long form, a row per person and attribute."""


def wide_columns(info: RunInfo) -> list[str]:
    """The columns of the wide form: the fixed ones, one per attribute, and the last ones."""
    return [*FIXED_COLUMNS, *column_names(info.names), *LAST_COLUMNS]


def wide_row(record: Record, info: RunInfo) -> list[Value]:
    """The values of `wide_columns`."""
    known = record.probabilities
    rounded = [None if known is None else round(known[name], 4) for name in info.names]
    return [*_about_person(record), record.tags, record.error or None, *rounded, *_last(record)]


def wide_parts(record: Record, info: RunInfo) -> tuple[list[Value], list[float], list[Value]]:
    """The values of `wide_columns` in three parts, for those who round in writing them: the fixed ones; the
    probabilities, or none of them; the last ones."""
    known = record.probabilities
    probabilities = [] if known is None else [known[name] for name in info.names]
    box = _NO_BOX if record.box is None else map(float, record.box)
    about = [record.path, record.width, record.height, record.person, *box, record.score]
    return [*about, record.tags, record.error or None], probabilities, _last(record)


def long_rows(record: Record, info: RunInfo) -> Iterator[list[Value]]:
    """The values of `LONG_COLUMNS` for each attribute; one row without an attribute if there is nothing to say."""
    person = _about_person(record)
    end = [record.error or None, *_last(record)]
    if record.probabilities is None or not info.attributes:
        yield [*person, None, None, None, None, None, *end]
        return
    for spec in info.attributes:
        probability = round(record.probabilities[spec.name], 4)
        tag = spec.name in record.tags
        yield [*person, spec.name, spec.group, probability, round(spec.threshold, 4), tag, *end]


def _last(record: Record) -> list[Value]:
    return [record.note or None, *times(record)]


def _about_person(record: Record) -> list[Value]:
    box = _NO_BOX if record.box is None else (round(float(value), 1) for value in record.box)
    score = None if record.score is None else round(record.score, 4)
    return [record.path, record.width, record.height, record.person, *box, score]
