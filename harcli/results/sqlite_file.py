"""What SQLite files of harcli have in common: how to know one, and how to open one that may be hostile."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Collection
from pathlib import Path

HEADER = b"SQLite format 3\x00"

STORE = 0x48415243
"""The application id ("HARC") by which an SQLite file says that it is a store."""

LONGEST = 1 << 26
"""Bytes of a value; a larger one is an error instead of memory."""


def is_store(path: Path) -> bool:
    """Whether a file is a store of harcli."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a named pipe would wait for ever
            return False
        with path.open("rb") as stream:
            head = stream.read(72)
    except (OSError, ValueError):
        return False
    return head.startswith(HEADER) and head[68:72] == STORE.to_bytes(4, "big")


def guard(connection: sqlite3.Connection) -> None:
    """Bound what the file can make SQLite do."""
    if hasattr(connection, "setlimit"):  # from Python 3.11 on
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.execute("PRAGMA trusted_schema = OFF")


def check_tables(connection: sqlite3.Connection, names: Collection[str], *, alone: bool) -> None:
    """See that these are tables, not views or the like, which could give rows without end.

    Args:
        alone: there must be nothing else in the file, triggers for example.

    Raises:
        ValueError: it is otherwise.
        sqlite3.Error: the file is damaged.
    """
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master LIMIT 1000").fetchall()
    tables = {
        name for kind, name, sql in rows if kind == "table" and "VIRTUAL" not in str(sql).upper().partition("(")[0]
    }
    if missing := set(names) - tables:
        raise ValueError(f"it has no table {', '.join(sorted(missing))}")
    others = [name for kind, name, sql in rows if name not in names and sql is not None]
    if alone and others:
        raise ValueError(f"it holds {others[0]}, which harcli did not make")
