"""Results as an SQLite file: one table with the columns of CSV files, and what is needed to read it back.

    records      one row per record, columns as in docs/columns.md, one per attribute
    attributes   position, name, column, "group", threshold of each attribute
    harcli       key, value: `about` (JSON), `folder` (`.`: the folder of the file itself)

`attributes.column` differs from `name` only where two names would be one to SQLite, which ignores case.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.results import checked
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS, column_names, readable, times
from harcli.results.info import RunInfo
from harcli.results.kept import KeptResults
from harcli.results.query import Query
from harcli.results.record import Record
from harcli.results.sqlite_file import HEADER, check_tables, guard

_WRITTEN_ONLY = (".csv", ".json", ".jsonl", ".ndjson")
"""Forms of results that are written, but not read back."""

_BATCH = 500


class DatabaseSink:
    """Writes a new SQLite file at `path`, where nothing is or an empty file; see the module for its tables.

    A path that is not UTF-8 stands as `path` with its odd bytes as `\\xff`, and as it is in `path_bytes`.
    """

    def __init__(self, path: Path, info: RunInfo) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._info = info
        self._rows: list[tuple[object, ...]] = []
        columns = column_names(info.names)
        places = ", ".join("?" * (len(FIXED_COLUMNS) + len(columns) + len(LAST_COLUMNS) + 1))
        self._insert = f"INSERT INTO records VALUES ({places})"
        self._create = _schema(columns)
        self._attributes = list(zip(info.attributes, columns, strict=True))

    def __enter__(self) -> DatabaseSink:
        about = json.dumps(self._info.as_json())
        # A temporary file beside the final one: it is whole or thrown away, so it needs no journal.
        self._connection.executescript(f"PRAGMA journal_mode = OFF; {self._create}")
        self._connection.execute("BEGIN")
        rows = ((i, a.name, column, a.group, a.threshold) for i, (a, column) in enumerate(self._attributes))
        self._connection.executemany("INSERT INTO attributes VALUES (?, ?, ?, ?, ?)", rows)
        text = readable(self._info.folder)
        folder = text if text == self._info.folder else os.fsencode(self._info.folder)
        self._connection.executemany("INSERT INTO harcli VALUES (?, ?)", [("about", about), ("folder", folder)])
        return self

    def write(self, record: Record) -> None:
        """Add one row."""
        box = (None, None, None, None) if record.box is None else tuple(round(value, 1) for value in record.box)
        probabilities = record.probabilities
        text = readable(record.path)
        self._rows.append(
            (
                *(text, record.width, record.height, record.person, *box, _rounded(record.score)),
                *(";".join(record.tags), readable(record.error) or None),
                *(None if probabilities is None else _rounded(probabilities[name]) for name in self._info.names),
                readable(record.note) or None,
                *times(record),
                None if text == record.path else record.path.encode("utf-8", "surrogateescape"),
            )
        )
        if len(self._rows) >= _BATCH:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
                self._connection.execute("CREATE INDEX records_path ON records (path)")
                self._connection.execute("COMMIT")
        finally:
            self._connection.close()

    def _flush(self) -> None:
        self._connection.executemany(self._insert, self._rows)
        self._rows = []


class Results(KeptResults):
    """A file that `DatabaseSink` wrote, open for reading.

    Attributes:
        path: the file.
        info: what the results were made with.
    """

    def __init__(self, path: Path) -> None:
        """
        Raises:
            HarcliError: not there, not SQLite, or not written by harcli.
        """
        self.path = path
        _check_file(path)
        try:
            # Read-only, so that asking never changes a file, nor leaves one beside it.
            self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
            guard(self._connection)
            check_tables(self._connection, ("records", "attributes", "harcli"), alone=False)
            wanted = "SELECT key, value FROM harcli WHERE key IN ('about', 'folder') LIMIT 2"
            kept = dict(self._connection.execute(wanted))
            folder = path.resolve().parent / os.fsdecode(kept["folder"])
            self.info = RunInfo.from_json(strict_json.loads(kept["about"]), str(folder))
            named = self._connection.execute("SELECT column FROM attributes ORDER BY position LIMIT 10000")
            self._columns = [str(column) for (column,) in named]
            if len(self._columns) != len(self.info.names):
                raise ValueError("there are other attributes than it says")
            columns = [row[1] for row in self._connection.execute("PRAGMA table_info(records)")]
            # Not in older files, where an attribute may have the name.
            own = [name if name in columns and name not in self._columns else "NULL" for name in LAST_COLUMNS]
            self._last = ", ".join(own)
        except (sqlite3.Error, KeyError, TypeError, ValueError, AttributeError, MemoryError) as error:
            raise HarcliError(
                f"{path}: not results of harcli, or damaged; `harcli tag ... --out NAME.db` makes them"
            ) from error

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def __len__(self) -> int:
        """Number of records."""
        try:
            return int(self._connection.execute("SELECT count(*) FROM records").fetchone()[0])
        except sqlite3.Error as error:
            raise HarcliError(f"{self.path}: damaged ({error})") from error

    def people(self, where: Query | None = None) -> int:
        """How many people there are, or fit."""
        if where is not None:
            return sum(1 for _ in self.records(where))
        try:
            return int(self._connection.execute("SELECT count(*) FROM records WHERE person > 0").fetchone()[0])
        except sqlite3.Error as error:
            raise HarcliError(f"{self.path}: damaged ({error})") from error

    def records(
        self, where: Query | None = None, minimum: float | None = None, *, errors: bool = False
    ) -> Iterator[Record]:
        """See `KeptResults`."""
        for record in self._all():
            if where is None or where.matches(record, minimum) or (errors and record.error):
                yield record

    def _all(self) -> Iterator[Record]:
        fixed = ", ".join(FIXED_COLUMNS)
        own = "".join(f", {_quoted(column)}" for column in self._columns)
        names = self.info.names
        try:
            query = f"SELECT path_bytes, {self._last}, {fixed}{own} FROM records ORDER BY rowid"
            rows = self._connection.execute(query)
        except sqlite3.Error as error:
            raise HarcliError(f"{self.path}: damaged ({error})") from error
        for number in itertools.count(1):
            try:
                if (row := rows.fetchone()) is None:
                    return
                record = checked.record(row, names)
            except (sqlite3.Error, ValueError, MemoryError) as error:
                raise HarcliError(f"{self.path}: damaged (record {number}: {error})") from error
            yield record


def _check_file(path: Path) -> None:
    try:
        if not path.is_dir() and not stat.S_ISREG(path.stat().st_mode):  # a named pipe would wait for ever
            raise HarcliError(f"{path}: not a file")
        with path.open("rb") as stream:
            head = stream.read(len(HEADER))
    except (OSError, ValueError) as error:
        raise HarcliError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if head != HEADER:
        why = "not an SQLite file"
        if path.suffix.lower() in _WRITTEN_ONLY:  # the first file that most people make
            name = path.with_suffix(".db").name
            why += f": only .db and .parquet are read back; give the `harcli tag` that made it --out {name}"
            raise HarcliError(f"{path}: {why} (photos that it knows cost nothing)")
        raise HarcliError(f"{path}: {why}; `harcli tag ... --out NAME.db` makes one")


def _schema(columns: Sequence[str]) -> str:
    own = "".join(f"{_quoted(column)} REAL, " for column in columns)
    return (
        "CREATE TABLE records (path TEXT, width INTEGER, height INTEGER, person INTEGER, "
        "x1 REAL, y1 REAL, x2 REAL, y2 REAL, score REAL, tags TEXT, error TEXT, "
        f"{own}note TEXT, time_start REAL, time_end REAL, time_best REAL, track INTEGER, path_bytes BLOB);"
        'CREATE TABLE attributes (position INTEGER PRIMARY KEY, name TEXT, column TEXT, "group" TEXT, threshold REAL);'
        "CREATE TABLE harcli (key TEXT PRIMARY KEY, value TEXT);"
    )


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
