"""The file of a store: its tables, how it is made, opened and known, and who may read it.

findings   by content and settings: size, people, checksum
files      by path or URL: what the file system or the server said of the file, its content, checksum
settings   what findings were computed with, and when they were last asked for
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.results.sqlite_file import STORE, check_tables, guard, is_store
from harcli.tagging.kept import checksum

VERSION = 2
WAIT = 60  # seconds that a run waits for another one which is writing

_SCHEMA = f"""
CREATE TABLE settings (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, about TEXT NOT NULL, used REAL);
CREATE TABLE findings (content BLOB, settings INTEGER, width INTEGER, height INTEGER, people BLOB,
    checksum BLOB, PRIMARY KEY (content, settings)) WITHOUT ROWID;
CREATE TABLE files (path BLOB PRIMARY KEY, device INTEGER, inode INTEGER, size INTEGER, mtime INTEGER, ctime INTEGER,
    content BLOB, checksum BLOB) WITHOUT ROWID;
PRAGMA application_id = {STORE};
PRAGMA user_version = {VERSION};
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open a store, or make an empty one with the folders above it.

    Raises:
        HarcliError: it cannot be, or is something else.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_private(path)
        connection = sqlite3.connect(path, timeout=WAIT, check_same_thread=False)
    except (OSError, ValueError, sqlite3.Error) as error:
        raise cannot_be_used(path, error) from error
    try:
        guard(connection)
        connection.text_factory = lambda text: text.decode("utf-8", "replace")  # damaged text is no error of its own
        # FULL: what is committed survives a power cut. The rollback journal also works on network drives.
        connection.execute("PRAGMA synchronous = FULL")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables == 0:
            _create(connection)
        elif application != STORE:
            raise HarcliError(f"{path}: not a store of harcli; name another by --store")
        elif version not in (1, VERSION):
            raise HarcliError(f"{path}: made by another version of harcli; remove it, or name another by --store")
        check_tables(connection, ("settings", "findings", "files"), alone=True)
        if version == 1 and tables:
            _add_checksums(connection)
    except (sqlite3.Error, ValueError, MemoryError) as error:
        connection.close()
        raise cannot_be_used(path, error) from error
    except HarcliError:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    """In one transaction, so that a run that is killed here leaves an empty file; another run may be faster."""
    connection.execute("BEGIN IMMEDIATE")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    for statement in () if tables else _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute("COMMIT")


def _add_checksums(connection: sqlite3.Connection) -> None:
    """What the first version of harcli kept had none; another run may be faster. Files are read once more."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone() == (1,):
        connection.create_function("harcli_checksum", -1, checksum, deterministic=True)
        for table in ("findings", "files"):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN checksum BLOB")
        connection.execute("DELETE FROM files")
        fingerprint = "(SELECT fingerprint FROM settings WHERE id = settings)"
        connection.execute(
            f"UPDATE findings SET checksum = harcli_checksum(content, {fingerprint}, width, height, people)"
        )
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _make_private(path: Path) -> None:
    """See that nobody else can read the file, which says something about people; SQLite's own files beside it follow.

    A group that may write to it was let in on purpose, and stays.

    Raises:
        OSError: it cannot be made.
        ValueError: it is no file.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("not a file")
    mode = stat.S_IMODE(status.st_mode)
    private = mode & 0o700 | (mode & 0o060 if mode & 0o027 == 0o020 else 0)
    if private != mode and (is_store(path) or status.st_size == 0):
        with contextlib.suppress(OSError):  # somebody else's, who lets others in
            path.chmod(private)


def cannot_be_used(path: Path, error: Exception) -> HarcliError:
    """The error that says so, and what to do."""
    reason = getattr(error, "strerror", None) or error
    remove = "remove it, " if is_store(path) else ""  # what is none may be somebody's photo
    return HarcliError(
        f"{path}: the store cannot be used ({reason}); {remove}name another by --store, or go without: --no-store"
    )


def read_about(text: object) -> dict[str, str]:
    """The words of kept settings; none if they are damaged."""
    try:
        about = strict_json.loads(text if isinstance(text, str) else "")
        return {key: value for key, value in about.items() if isinstance(value, str)}
    except (ValueError, AttributeError):
        return {}
