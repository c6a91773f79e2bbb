"""Where harcli keeps things between runs: the store, and what a graphics card has compiled."""

from __future__ import annotations

import os
from pathlib import Path

STORE_VARIABLE = "HARCLI_STORE"
"""The environment variable that names the store's file; what else is kept lies beside it."""


def data_dir() -> Path:
    """The folder of `$HARCLI_STORE`, or the user's folder for program data (`~/.local/share/harcli` on Linux)."""
    from platformdirs import user_data_path

    named = os.environ.get(STORE_VARIABLE)
    return Path(named).parent if named else user_data_path("harcli", appauthor=False)
