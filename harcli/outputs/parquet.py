"""Records as an Apache Parquet file: typed columns that pandas, polars and DuckDB read without being told how."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from harcli.outputs.dataset.stamps import STAMP_COLUMNS, Stamp
from harcli.outputs.rows import LONG_COLUMNS, Value, long_rows, wide_columns, wide_row
from harcli.results import Record, RunInfo
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS, readable

if TYPE_CHECKING:
    import pyarrow

_ROW_GROUP = 20_000
"""Rows that are held in memory until they are written together."""

_TYPES = {
    **dict.fromkeys(("path", "error", "note", "attribute", "group"), "string"),
    **dict.fromkeys(("width", "height", "person", "track"), "int32"),
    "tag": "bool",
}
"""Fixed columns that are neither floating-point numbers nor, as `tags` is, a list."""


class ParquetSink:
    """One row per record, or in the long form one per person and attribute; see docs/columns.md.

    A path that is not UTF-8 stands as `path` with its odd bytes as `\\xff`, and as it is in the last column,
    `path_bytes`. The schema's metadata has one key, `harcli`: what the records have in common, as JSON.
    """

    def __init__(
        self, path: Path, info: RunInfo, *, long: bool = False, stamps: Mapping[str, Stamp] | None = None
    ) -> None:
        """
        Args:
            stamps: by path; they make columns of their own, by which a data set knows photos again.
        """
        self._info, self._long, self._stamps = info, long, stamps
        self._schema = _schema(info, long=long, stamped=stamps is not None)
        self._file = path.open("wb")  # pyarrow itself would not open a path that is not UTF-8
        self._rows: list[list[Value | bytes]] = []

    def __enter__(self) -> ParquetSink:
        from pyarrow import parquet

        self._writer = parquet.ParquetWriter(self._file, self._schema, compression="zstd")
        return self

    def write(self, record: Record) -> None:
        """Add the record's row or rows."""
        text = replace(record, path=readable(record.path), error=readable(record.error), note=readable(record.note))
        raw = None if text.path == record.path else record.path.encode("utf-8", "surrogateescape")
        for row in long_rows(text, self._info) if self._long else [wide_row(text, self._info)]:
            self._rows.append([*row, raw, *self._stamp(record.path)])
        if len(self._rows) >= _ROW_GROUP:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if kind is None:
                self._flush()
            self._writer.close()

    def _stamp(self, path: str) -> list[Value]:
        if self._stamps is None:
            return []
        stamp = self._stamps[path]
        return [stamp.etag or None, stamp.size, stamp.modified]

    def _flush(self) -> None:
        import pyarrow

        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pyarrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
            self._writer.write_batch(pyarrow.record_batch(arrays, schema=self._schema))
            self._rows = []


def _schema(info: RunInfo, *, long: bool, stamped: bool) -> pyarrow.Schema:
    import pyarrow

    fixed = LONG_COLUMNS if long else FIXED_COLUMNS
    own = [] if long else wide_columns(info)[len(FIXED_COLUMNS) : -len(LAST_COLUMNS)]
    types = {column: pyarrow.type_for_alias(name) for column, name in _TYPES.items()}
    types["tags"] = pyarrow.list_(pyarrow.string())
    fields = [(column, types.get(column, pyarrow.float64())) for column in fixed]
    fields += [(column, pyarrow.float64()) for column in own]
    fields += [] if long else [(column, types.get(column, pyarrow.float64())) for column in LAST_COLUMNS]
    fields.append(("path_bytes", pyarrow.binary()))
    fields += [(column, pyarrow.type_for_alias(name)) for column, name in STAMP_COLUMNS.items()] if stamped else []
    return pyarrow.schema(fields, metadata={"harcli": json.dumps(info.as_json())})
