"""What the writers have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TextIO

from harcli.errors import HarcliError
from harcli.tagging.records import Record

COLUMNS_VERSION = 1
"""Raised when a column changes its meaning or goes; docs/columns.md tells what changed."""

ENDINGS = (".csv", ".json")
"""The endings of file names that choose a writer."""


class Sink(AbstractContextManager["Sink"], Protocol):
    """A writer of records: `with sink: sink.write(record)`. What it writes is complete when the block has ended."""

    def write(self, record: Record) -> None: ...


def open_sink(path: Path, stream: TextIO, attributes: Sequence[str], about: Mapping[str, Any]) -> Sink:
    """The writer that the ending of `path` asks for.

    Args:
        stream: where it writes to, opened with `errors="surrogateescape"` and `newline=""`.
        attributes: names of the attributes, the order of `Record.probabilities`.
        about: what the run was done with; JSON files carry it.

    Raises:
        HarcliError: no writer has this ending.
    """
    from harcli.outputs.csv import CsvSink
    from harcli.outputs.json import JsonSink

    ending = path.suffix.lower()
    if ending == ".csv":
        return CsvSink(stream, attributes)
    if ending == ".json":
        return JsonSink(stream, attributes, about)
    raise HarcliError(f"{path}: the name must end in {' or '.join(ENDINGS)}.")
