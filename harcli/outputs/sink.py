"""What the writers have in common, and how one is opened."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TextIO

from harcli.errors import HarcliError
from harcli.outputs.options import STANDARD_OUTPUT, OutputOptions, check_output, form_of
from harcli.outputs.standard_output import standard_output
from harcli.outputs.whole_file import whole_binary, whole_file
from harcli.results import Record, RunInfo


class Sink(AbstractContextManager["Sink"], Protocol):
    """A writer of records: `with sink: sink.write(record)`. What it writes is complete when the block has ended."""

    def write(self, record: Record) -> None: ...


@contextlib.contextmanager
def open_output(target: Path, info: RunInfo, options: OutputOptions) -> Iterator[Sink]:
    """A writer to `target`, or to standard output if it is `-`.

    A file appears when the block ends, and not at all if that is by an exception. On standard output each line appears
    at once.

    Args:
        info: what the records have in common.

    Raises:
        HarcliError: see `check_output`; or it could not be written.
        ReaderGone: whoever reads standard output has closed it.
    """
    check_output(target, options)
    form = form_of(target, options)
    if form in ("parquet", "sqlite"):
        with whole_binary(target) as file, _database_errors(target), _file_sink(form, file, info, options) as sink:
            yield sink
    else:
        text = standard_output() if target == STANDARD_OUTPUT else whole_file(target, errors="surrogateescape")
        with text as stream, _text_sink(form, stream, info, options) as sink:
            yield sink


def _text_sink(form: str, stream: TextIO, info: RunInfo, options: OutputOptions) -> Sink:
    """A writer of text; `stream` is open with `errors="surrogateescape"` and `newline=""`."""
    from harcli.outputs.coco import CocoSink
    from harcli.outputs.csv import CsvSink
    from harcli.outputs.json import JsonSink
    from harcli.outputs.jsonl import JsonLinesSink

    if form == "csv":
        return CsvSink(stream, info, long=options.long, safe=options.csv_safe)
    if form == "jsonl":
        return JsonLinesSink(stream, info, long=options.long)
    return CocoSink(stream, info) if form == "coco" else JsonSink(stream, info)


def _file_sink(form: str, file: Path, info: RunInfo, options: OutputOptions) -> Sink:
    from harcli.outputs.parquet import ParquetSink
    from harcli.results.database import DatabaseSink

    return ParquetSink(file, info, long=options.long) if form == "parquet" else DatabaseSink(file, info)


@contextlib.contextmanager
def _database_errors(target: Path) -> Iterator[None]:
    """SQLite's errors, a full disk for one, as ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise HarcliError(f"{target}: writing failed ({error}); nothing was written.") from error
