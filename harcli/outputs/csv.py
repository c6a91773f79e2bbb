"""Records as comma-separated values."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from types import TracebackType
from typing import TextIO

from harcli.outputs.rows import BOX_COLUMNS, LONG_COLUMNS, Value, long_rows, wide_columns, wide_parts
from harcli.results import Record, RunInfo
from harcli.results.columns import LAST_COLUMNS, TIME_COLUMNS

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for the start of a formula, or skip before one."""

_DIGITS = {**dict.fromkeys(BOX_COLUMNS, 1), **dict.fromkeys(TIME_COLUMNS, 2)}
"""After the decimal point; all others have four."""

_NOTHING = [None] * len(LAST_COLUMNS)


class _Line:
    """Takes a line that ends in CR LF and gives it on, without its end, as what `writerow` returns.

    The `csv` module quotes a lone CR in a value only if CR is part of its line ends, and readers stumble over one.
    """

    def write(self, line: str) -> str:
        return line.removesuffix("\r\n")


class CsvSink:
    """A header, and one line per record, or in the long form one per person and attribute; see docs/columns.md.

    A path that is not UTF-8 is written with its own bytes, if the stream is opened with `surrogateescape`.
    """

    def __init__(self, stream: TextIO, info: RunInfo, *, long: bool = False, safe: bool = False) -> None:
        """
        Args:
            safe: put an apostrophe before text that a spreadsheet would take for a formula, and begin with a byte order
                mark, without which Excel takes UTF-8 for the alphabet of the country.
        """
        self._stream = stream
        self._writer = csv.writer(_Line())
        self._info, self._long, self._safe = info, long, safe
        self._columns = LONG_COLUMNS if long else wide_columns(info)
        self._digits = [_DIGITS.get(column, 4) for column in self._columns]
        self._last_digits = [0, *(_DIGITS.get(column, 4) for column in LAST_COLUMNS)]
        self._numbers = ",%.4f" * len(info.names)
        self._gaps = "," * len(info.names)
        self._no_end = "," * len(LAST_COLUMNS)  # like every end, it begins with a comma

    def __enter__(self) -> CsvSink:
        if self._safe:
            self._stream.write("\ufeff")
        self._stream.write(self._line(self._text(column) for column in self._columns) + "\n")
        return self

    def write(self, record: Record) -> None:
        """Write the record's line or lines."""
        if self._long:
            for row in long_rows(record, self._info):
                self._stream.write(self._line(map(self._cell, row, self._digits)) + "\n")
            return
        fixed, probabilities, last = wide_parts(record, self._info)
        # One text of them all, with nothing to quote: to take dozens one by one would be most of a run whose photos
        # are known.
        numbers = self._numbers % tuple(probabilities) if probabilities else self._gaps
        end = self._no_end if last == _NOTHING else self._line(map(self._cell, ["", *last], self._last_digits))
        self._stream.write(f"{self._line(map(self._cell, fixed, self._digits))}{numbers}{end}\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A CSV file has no end mark."""

    def _line(self, cells: Iterable[str]) -> str:
        line: str = self._writer.writerow(cells)
        return line

    def _cell(self, value: Value, digits: int) -> str:
        if isinstance(value, float):
            return f"{value:.{digits}f}"
        if value is None:
            return ""
        if isinstance(value, int):
            return str(value).lower()  # a bool, too: true, false
        return self._text(value if isinstance(value, str) else ";".join(value))

    def _text(self, text: str) -> str:
        # One that begins with an apostrophe gets another, so that cutting off the first always gives the text back.
        return f"'{text}" if self._safe and text.startswith(("'", *_FORMULA)) else text
