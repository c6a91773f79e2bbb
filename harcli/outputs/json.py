"""Records as one JSON object, written as they come."""

from __future__ import annotations

import json
from types import TracebackType
from typing import TextIO

from harcli.results import Record, RunInfo


class JsonSink:
    """`{"harcli": {about the run}, "records": [one object a record]}`; see docs/columns.md.

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
        box = record.box or (None, None, None, None)
        probabilities = record.probabilities
        row = {
            **{"path": record.path, "width": record.width, "height": record.height, "person": record.person},
            **{name: _rounded(value, 1) for name, value in zip(("x1", "y1", "x2", "y2"), box, strict=True)},
            **{"score": _rounded(record.score, 4), "tags": list(record.tags), "error": record.error or None},
            "probabilities": None
            if probabilities is None
            else {name: round(probabilities[name], 4) for name in self._info.names},
        }
        self._stream.write(self._separator + json.dumps(row))
        self._separator = ",\n"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._stream.write("\n]}\n")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
