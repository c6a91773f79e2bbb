"""Where photos are, and where harcli keeps what it found, if nothing else is said."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.data_dir import STORE_VARIABLE, data_dir
from harcli.errors import HarcliError
from harcli.remote.urls import is_url

if TYPE_CHECKING:
    from harcli.people import PersonDetector
    from harcli.recognition.model import AttributeModel
    from harcli.tagging.store import Store


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


def opened_store(
    path: str | Path | None, model: AttributeModel, detector: PersonDetector, *, fresh: bool
) -> Store | None:
    """The store for a run with these models; None where nothing is kept.

    Raises:
        HarcliError: it cannot be made or written, or is something else.
    """
    if path is None:
        return None
    from harcli.tagging.settings import Settings
    from harcli.tagging.store import Store

    return Store(Path(path), Settings.of(model, detector), fresh=fresh)


def default_store() -> Path:
    """`$HARCLI_STORE`, or `store.db` in the user's folder for program data (`~/.local/share/harcli` on Linux)."""
    named = os.environ.get(STORE_VARIABLE)
    return Path(named) if named else data_dir() / "store.db"


def named_places(photos: str | Path | Iterable[str | Path]) -> list[str | Path]:
    """One path or URL or several; the paths are all there.

    Raises:
        HarcliError: one is not, or is no path.
    """
    try:
        named = [photos] if isinstance(photos, (str, Path)) else list(photos)
        places = [place if isinstance(place, str) and is_url(place) else Path(place) for place in named]
    except TypeError:
        raise HarcliError(
            f"{type(photos).__name__}: expected a path, several paths, or pixels (numpy.asarray of a Pillow image)"
        ) from None
    for place in places:
        if isinstance(place, Path) and not os.path.lexists(place):
            raise HarcliError(f"{place}: no such file or folder")
    return places
