"""The store: where it is, how large, of which version. It is only looked at: not made, not brought up to date."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from harcli.data_dir import STORE_VARIABLE
from harcli.doctor.check import BROKEN, NOTE, Check
from harcli.results.sqlite_file import guard, is_store
from harcli.tagging.places import default_store
from harcli.tagging.store_file import VERSION


def store() -> Check:
    """The store that `harcli tag` uses if none is named."""
    path = default_store()
    facts: dict[str, object] = {"place": STORE_VARIABLE if os.environ.get(STORE_VARIABLE) else "default"}
    if not path.exists():
        facts["there"] = False
        folder = next((each for each in path.absolute().parents if each.is_dir()), Path(path.anchor))
        if os.access(folder, os.W_OK):
            return Check("store", f"{path}, not there yet", facts)
        remedy = f"name a file that can be written: {STORE_VARIABLE}=FILE, or --store FILE"
        return Check("store", f"{path} cannot be made: {folder} must not be written to", facts, NOTE, remedy)
    facts |= {"there": True, "bytes": path.stat().st_size}
    remedy = f"remove the file, or name another: {STORE_VARIABLE}=FILE, or --store FILE"
    try:
        version = _version(path)
    except (OSError, sqlite3.Error) as error:
        return Check("store", f"{path}: cannot be read ({error})", facts | {"readable": False}, BROKEN, remedy)
    facts["version"] = version
    if version > VERSION or version < 1:
        text = f"{path}: " + ("made by a newer harcli" if version > VERSION else "not a store of harcli")
        return Check("store", text, facts, BROKEN, remedy)
    if not os.access(path, os.W_OK):
        return Check("store", f"{path}: must not be written to", facts | {"writable": False}, BROKEN, remedy)
    return Check("store", f"{path}, {path.stat().st_size / 1e6:.1f} MB, version {version}", facts)


def _version(path: Path) -> int:
    """0 for what is no store.

    Raises:
        OSError, sqlite3.Error: it cannot be read.
    """
    with path.open("rb"):
        pass  # whose error says more than SQLite's
    if path.stat().st_size == 0:
        return VERSION  # a run that was killed when it made the file; the next one makes the rest
    if not is_store(path):
        return 0
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        guard(connection)
        connection.execute("SELECT count(*) FROM settings").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)
    finally:
        connection.close()
