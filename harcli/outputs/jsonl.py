"""Records as JSON Lines: one object per line, for pipes and for files that are read line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

from harcli.outputs.json import as_object
from harcli.outputs.rows import LONG_COLUMNS, long_rows
from harcli.results import Record, RunInfo


class JsonLinesSink:
    """One object per record, as in JSON files; in the long form one per person and attribute; see docs/columns.md."""

    def __init__(self, stream: TextIO, info: RunInfo, *, long: bool = False) -> None:
        self._stream = stream
        self._info, self._long = info, long

    def __enter__(self) -> JsonLinesSink:
        return self

    def write(self, record: Record) -> None:
        """Write the record's line or lines."""
        for line in self._long_objects(record) if self._long else [as_object(record, self._info)]:
            self._stream.write(json.dumps(line) + "\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """JSON Lines have no end mark."""

    def _long_objects(self, record: Record) -> Iterator[dict[str, Any]]:
        return (dict(zip(LONG_COLUMNS, row, strict=True)) for row in long_rows(record, self._info))
