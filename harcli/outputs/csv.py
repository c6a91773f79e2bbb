"""Records as comma-separated values."""

from __future__ import annotations

import csv
from types import TracebackType
from typing import TextIO

from harcli.results import Record, RunInfo
from harcli.results.database import FIXED_COLUMNS


class _UnixLines:
    """Takes lines that end in CR LF and writes them with LF.

    The `csv` module quotes a lone CR in a value only if CR is part of its line ends, and readers stumble over one.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        self._stream.write(line.removesuffix("\r\n") + "\n")


class CsvSink:
    """A header, and one line a record; see docs/columns.md.

    A path that is not UTF-8 is written with its own bytes, if the stream is opened with `surrogateescape`.
    """

    def __init__(self, stream: TextIO, info: RunInfo) -> None:
        self._writer = csv.writer(_UnixLines(stream))
        self._attributes = info.names

    def __enter__(self) -> CsvSink:
        self._writer.writerow([*FIXED_COLUMNS, *self._attributes])
        return self

    def write(self, record: Record) -> None:
        """Write one line."""
        box = ["", "", "", ""] if record.box is None else [f"{value:.1f}" for value in record.box]
        score = "" if record.score is None else f"{record.score:.4f}"
        probabilities = record.probabilities
        self._writer.writerow(
            [
                *(record.path, record.width, record.height, record.person, *box, score),
                *(";".join(record.tags), record.error),
                *(
                    [""] * len(self._attributes)
                    if probabilities is None
                    else (f"{probabilities[name]:.4f}" for name in self._attributes)
                ),
            ]
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A CSV file has no end mark."""
