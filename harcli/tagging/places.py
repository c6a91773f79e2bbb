"""Where harcli keeps what it found, if nothing else is said."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from harcli.data_dir import STORE_VARIABLE, data_dir
from harcli.errors import HarcliError


def usable_store(named: Path | None) -> Path | None:
    """The store that the user names; else the default one, or None with a warning where none can be written.

    Raises:
        HarcliError: the named one cannot be used.
    """
    from harcli.tagging.store_file import connect

    path = named or default_store()
    try:
        connect(path).close()
    except HarcliError as error:
        if named is not None or path.exists():
            raise
        warnings.warn(f"{error}: nothing is kept of this run", stacklevel=2)
        return None
    return path


def default_store() -> Path:
    """`$HARCLI_STORE`, or `store.db` in the user's folder for program data (`~/.local/share/harcli` on Linux)."""
    named = os.environ.get(STORE_VARIABLE)
    return Path(named) if named else data_dir() / "store.db"
