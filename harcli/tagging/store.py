"""What was found in photos, kept between runs: an SQLite file (`store_file`), written a batch at a time.

Findings are kept by content, not by name: a file that moved is recognised, two equal files are computed once. A photo
that its sidecar turns has a content of its own. Errors are not kept, since many of them pass. What is
damaged is computed anew.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from harcli.remote.photo import Copy, PhotoPlace, RemotePhoto
from harcli.tagging import kept
from harcli.tagging.content import Identity, Stamp, as_turned, digest, reliable, stamp
from harcli.tagging.finding import Finding
from harcli.tagging.kept import checksum
from harcli.tagging.settings import Settings
from harcli.tagging.store_file import cannot_be_used, connect, read_about


class Store:
    """Findings of one run's settings. Its methods may be called from several threads.

    Attributes:
        path: the file.
        other_settings: in what kept findings of a photo of this run differ, if they were made with other settings.
        damaged: kept findings that no longer held, and are computed anew.
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
        self.damaged = 0
        self._settings = settings  # of this run
        self._fresh = fresh
        self._lock = threading.Lock()
        self._stamps: dict[PhotoPlace, Identity] = {}
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
            raise cannot_be_used(path, error) from error

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
        """Which content the file has, and how its sidecar turns it; read only if the file system does not vouch for
        what is known.

        Raises:
            OSError: it cannot be read.
        """
        now = stamp(path)
        content = self._vouched(path, now)
        identity = Identity(path, digest(path) if content is None else content, now)
        self._remember(identity, content)
        return replace(identity, content=as_turned(identity.content, path))

    def identify_copy(self, photo: RemotePhoto, copy: Copy) -> Identity:
        """As `identify`, of an object elsewhere, by its copy.

        Raises:
            OSError: the copy cannot be read.
        """
        identity = Identity(photo, digest(copy.file), stamp(photo))
        if copy.vouched:
            self._remember(identity, None)
        return replace(identity, content=as_turned(identity.content, copy.file))

    def vouched(self, path: PhotoPlace) -> Identity | None:
        """As `identify`, or None if the file has to be read.

        Raises:
            OSError: it is not there.
        """
        now = stamp(path)
        if isinstance(path, RemotePhoto) and path.sidecar:
            return None  # how it turns the photo is not in the etag
        content = self._vouched(path, now)
        if content is None:
            return None
        return Identity(path, as_turned(content, path) if isinstance(path, Path) else content, now)

    def _remember(self, identity: Identity, known: bytes | None) -> None:
        """Keep with the next batch what stands for the content, if it is not known and can be relied on."""
        if known is None and reliable(identity.stamp):
            with self._lock:
                self._stamps[identity.path] = identity

    def _vouched(self, path: PhotoPlace, now: Stamp) -> bytes | None:
        key = _key(path)
        with self._lock:
            rows = self._ask(
                "SELECT content, checksum FROM files WHERE path = ? AND device = ? AND inode = ? AND size = ? "
                "AND mtime = ? AND ctime = ?",
                (key, *now),
            )
        vouched = rows and reliable(now) and rows[0][1] == checksum(key, *now, rows[0][0])
        return rows[0][0] if vouched else None

    def get(self, content: bytes, megapixels: float = math.inf) -> Finding | None:
        """What is known of a content under these settings; None if nothing is, or if the photo is larger."""
        with self._lock:
            if self._fresh and content not in self._own:
                return None
            query = "SELECT width, height, people, checksum FROM findings WHERE content = ? AND settings = ?"
            for row in self._ask(query, (content, self._id)):
                finding = kept.restored(content, self._settings.fingerprint, self._settings.attributes, *row)
                if finding is None:
                    self._tell_damaged()
                elif finding.size is not None and finding.size[0] * finding.size[1] > megapixels * 1e6:
                    return None  # whoever decodes it will say so
                return finding
            rows = self._ask("SELECT settings FROM findings WHERE content = ? LIMIT 100", (content,))
            if rows and not self.other_settings:
                self._tell_other(rows[-1][0])
        return None

    def keep(self, found: Sequence[tuple[Identity, Finding]]) -> None:
        """Write findings, all or none. A file that has changed since it was looked up is left out.

        Raises:
            HarcliError: the disk is full, for example.
        """
        columns, fingerprint = self._settings.attributes, self._settings.fingerprint
        kept_now = [(i, f) for i, f in found if not f.error and kept.valid(f, columns) and i.holds]
        with self._lock:
            self._own.update(identity.content for identity, _ in kept_now)
            stamps, self._stamps = self._stamps, {}
            if not kept_now and not stamps:
                return
            try:
                with self._connection:
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO findings (content, settings, width, height, people, checksum) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
                        [(i.content, self._id, *kept.row(i.content, fingerprint, f)) for i, f in kept_now],
                    )
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO files (path, device, inode, size, mtime, ctime, content, checksum) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        [
                            (key, *i.stamp, i.content, checksum(key, *i.stamp, i.content))
                            for i in stamps.values()
                            for key in [_key(i.path)]
                        ],
                    )
            except sqlite3.Error as error:
                raise cannot_be_used(self.path, error) from error

    def _tell_damaged(self) -> None:
        self.damaged += 1
        if self.damaged == 1:
            text = f"{self.path}: some of what was kept is damaged, and is computed anew"
            warnings.warn(text, RuntimeWarning, stacklevel=2)

    def _tell_other(self, settings: int) -> None:
        rows = self._ask("SELECT about FROM settings WHERE id = ?", (settings,))
        self.other_settings = self._settings.difference(read_about(rows[0][0])) if rows else "other settings"

    def _ask(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except (sqlite3.Error, MemoryError) as error:
            raise cannot_be_used(self.path, error) from error


def _key(path: PhotoPlace) -> bytes:
    """An absolute path, or a URL without credentials: the two cannot be equal."""
    if not isinstance(path, Path):
        return os.fsencode(path.name)
    return os.fsencode(os.path.abspath(path))  # noqa: PTH100  (resolve() would follow links)
