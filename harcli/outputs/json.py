"""Records as one JSON object, written as they come."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, TextIO

from harcli.outputs.rows import wide_row
from harcli.results import Record, RunInfo
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS


class JsonSink:
    """`{"harcli": {about the run}, "records": [one object per record]}`; see docs/columns.md.

    Everything outside ASCII is escaped, so that a path that is not UTF-8 survives too.
    """

    def __init__(self, stream: TextIO, info: RunInfo) -> None:
        self._stream = stream
        self._info = info
        self._separator = "\n"

    def __enter__(self) -> JsonSink:
        self._stream.write(f'{{"harcli": {json.dumps(self._info.as_json())},\n"records": [')
        return self

    def write(self, record: Record) -> None:
        """Write one object, on a line of its own."""
        self._stream.write(self._separator + json.dumps(as_object(record, self._info)))
        self._separator = ",\n"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._stream.write("\n]}\n")


def as_object(record: Record, info: RunInfo) -> dict[str, Any]:
    """The record as JSON has it: the fixed columns, `probabilities` by attribute, and the last columns."""
    row = wide_row(record, info)
    fixed = dict(zip(FIXED_COLUMNS, row, strict=False))
    values = row[len(FIXED_COLUMNS) : -len(LAST_COLUMNS)]
    probabilities = None if record.probabilities is None else dict(zip(info.names, values, strict=True))
    last = dict(zip(LAST_COLUMNS, row[-len(LAST_COLUMNS) :], strict=True))
    return {**fixed, "probabilities": probabilities, **last}
