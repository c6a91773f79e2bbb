"""What was found in photos, kept between runs: an SQLite file, written a batch at a time.

    findings   by content and settings: size, people
    files      by path: what the file system said of the file, and its content
    settings   what findings were computed with, and when they were last asked for

Findings are kept by content, not by name: a file that moved is recognised, two equal files are computed once. A photo
that its sidecar turns has a content of its own. Errors are not kept, since many of them pass.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from harcli.errors import HarcliError
from harcli.tagging.content import Stamp, as_turned, digest, reliable, stamp
from harcli.tagging.finding import Finding, pack, unpack
from harcli.tagging.settings import Settings

APPLICATION = 0x48415243  # "HARC", by which an SQLite file says whose it is
VERSION = 1
WAIT = 60  # seconds that a run waits for another one which is writing

_SCHEMA = f"""
CREATE TABLE settings (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, about TEXT NOT NULL, used REAL);
CREATE TABLE findings (content BLOB, settings INTEGER, width INTEGER, height INTEGER, people BLOB,
    PRIMARY KEY (content, settings)) WITHOUT ROWID;
CREATE TABLE files (path BLOB PRIMARY KEY, device INTEGER, inode INTEGER, size INTEGER, mtime INTEGER, ctime INTEGER,
    content BLOB) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """A file as it was when it was looked up: its content's hash, and the file system's stamp."""

    path: Path
    content: bytes
    stamp: Stamp


class Store:
    """Findings of one run's settings. Its methods may be called from several threads.

    Attributes:
        path: the file.
        other_settings: in what kept findings of a photo of this run differ, if they were made with other settings.
    """

    def __init__(self, path: Path, settings: Settings, *, fresh: bool = False) -> None:
        """Open the file, or make it.

        Args:
            fresh: forget what earlier runs found, photo by photo, as this run comes to it.

        Raises:
            HarcliError: it cannot be made or written, or is something else.
        """
        self.path = path
        self.other_settings = ""
        self._settings = settings  # of this run
        self._fresh = fresh
        self._lock = threading.Lock()
        self._stamps: dict[Path, Identity] = {}
        self._own: set[bytes] = set()
        self._connection = connect(path)
        try:
            with self._connection:
                self._connection.execute(
                    "INSERT INTO settings (fingerprint, about, used) VALUES (?, ?, ?) "
                    "ON CONFLICT (fingerprint) DO UPDATE SET used = excluded.used",
                    (settings.fingerprint, json.dumps(dict(settings.about)), time.time()),
                )
            query = "SELECT id FROM settings WHERE fingerprint = ?"
            (self._id,) = self._connection.execute(query, (settings.fingerprint,)).fetchone()
        except sqlite3.Error as error:
            self._connection.close()
            raise _failed(path, error) from error

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.keep([])
        finally:
            with self._lock:
                self._connection.close()

    def identify(self, path: Path) -> Identity:
        """Which content the file has, and how its sidecar turns it.

        Raises:
            OSError: it cannot be read.
        """
        identity = self._identify(path)
        return replace(identity, content=as_turned(identity.content, path))

    def _identify(self, path: Path) -> Identity:
        """Which content the file has; read only if the file system does not vouch for what is known.

        Raises:
            OSError: it cannot be read.
        """
        now = stamp(path)
        with self._lock:
            rows = self._ask(
                "SELECT content FROM files WHERE path = ? AND device = ? AND inode = ? AND size = ? AND mtime = ? "
                "AND ctime = ?",
                (_key(path), *now),
            )
        if rows and reliable(now):
            return Identity(path, rows[0][0], now)
        identity = Identity(path, digest(path), now)
        with self._lock:
            if reliable(now):
                self._stamps[path] = identity
        return identity

    def get(self, content: bytes) -> Finding | None:
        """What is known of a content under these settings; None if nothing is."""
        with self._lock:
            if self._fresh and content not in self._own:
                return None
            rows = self._ask("SELECT settings, width, height, people FROM findings WHERE content = ?", (content,))
            for settings, width, height, people in rows:
                if settings == self._id:
                    try:
                        return Finding((width, height), unpack(people))
                    except ValueError as error:
                        raise _failed(self.path, error) from error
            if rows and not self.other_settings:
                self._tell_other(rows[-1][0])
        return None

    def keep(self, found: Sequence[tuple[Identity, Finding]]) -> None:
        """Write findings, all or none. A file that has changed since it was looked up is left out.

        Raises:
            HarcliError: the disk is full, for example.
        """
        kept = [(i, f) for i, f in found if f.size is not None and not f.error and _unchanged(i)]
        with self._lock:
            self._own.update(identity.content for identity, _ in kept)
            stamps, self._stamps = self._stamps, {}
            if not kept and not stamps:
                return
            try:
                with self._connection:
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?)",
                        [(i.content, self._id, *(f.size or ()), pack(f.people)) for i, f in kept],
                    )
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                        [(_key(i.path), *i.stamp, i.content) for i in stamps.values()],
                    )
            except sqlite3.Error as error:
                raise _failed(self.path, error) from error

    def _tell_other(self, settings: int) -> None:
        rows = self._ask("SELECT about FROM settings WHERE id = ?", (settings,))
        self.other_settings = self._settings.difference(json.loads(rows[0][0])) if rows else "other settings"

    def _ask(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _failed(self.path, error) from error


def connect(path: Path) -> sqlite3.Connection:
    """Open a store, or make an empty one with the folders above it.

    Raises:
        HarcliError: it cannot be, or is something else.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=WAIT, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise _failed(path, error) from error
    try:
        # FULL: what is committed survives a power cut. The rollback journal also works on network drives.
        connection.execute("PRAGMA synchronous = FULL")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables == 0:
            _create(connection)
        elif application != APPLICATION:
            raise HarcliError(f"{path}: not a store of harcli; name another by --store")
        elif version != VERSION:
            raise HarcliError(f"{path}: made by another version of harcli; remove it, or name another by --store")
    except sqlite3.Error as error:
        connection.close()
        raise _failed(path, error) from error
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


def _unchanged(identity: Identity) -> bool:
    try:
        return stamp(identity.path) == identity.stamp
    except OSError:
        return False


def _key(path: Path) -> bytes:
    return os.fsencode(os.path.abspath(path))  # noqa: PTH100  (resolve() would follow links)


def _failed(path: Path, error: Exception) -> HarcliError:
    reason = getattr(error, "strerror", None) or error
    return HarcliError(
        f"{path}: the store cannot be used ({reason}); name another by --store, or go without: --no-store"
    )
