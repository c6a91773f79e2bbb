"""What the writers have in common."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TextIO

from harcli.errors import HarcliError
from harcli.results import Record, RunInfo

ENDINGS = (".csv", ".json")
"""The endings of file names that choose a writer."""


class Sink(AbstractContextManager["Sink"], Protocol):
    """A writer of records: `with sink: sink.write(record)`. What it writes is complete when the block has ended."""

    def write(self, record: Record) -> None: ...


def open_sink(path: Path, stream: TextIO, info: RunInfo) -> Sink:
    """The writer that the ending of `path` asks for.

    Args:
        stream: where it writes to, opened with `errors="surrogateescape"` and `newline=""`.
        info: what the records have in common.

    Raises:
        HarcliError: no writer has this ending.
    """
    from harcli.outputs.csv import CsvSink
    from harcli.outputs.json import JsonSink

    ending = path.suffix.lower()
    if ending == ".csv":
        return CsvSink(stream, info)
    if ending == ".json":
        return JsonSink(stream, info)
    raise HarcliError(f"{path}: the name must end in {' or '.join(ENDINGS)}.")
