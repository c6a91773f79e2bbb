"""What is in a folder, for all that look into one: an entry that cannot be looked at costs nothing but itself."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from harcli.errors import HarcliError

SETTLED = 2.0  # seconds: a file changed just now may change again within the clock's resolution


def listing(folder: Path) -> tuple[list[os.DirEntry[str]], OSError | None]:
    """The entries of a folder, and the error that ended the listing; those before it count."""
    entries: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as listed:
            for entry in listed:
                entries.append(entry)  # one by one: those before an error count
    except OSError as error:
        return entries, error
    return entries, None


def is_folder(path: Path | os.DirEntry[str]) -> bool:
    """Whether it is a folder, or a link to one. What cannot be told, such as a link to itself, is none; `Path.is_dir`
    raises for some of that."""
    return os.path.isdir(path)  # noqa: PTH112


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, sorted; none where it is no folder or cannot be listed."""
    return sorted(folder / entry.name for entry in listing(folder)[0] if is_folder(entry))


def files_in(folder: Path, endings: Collection[str]) -> list[Path]:
    """What in a folder has one of these endings, in small letters, and is no folder; sorted."""
    return sorted(
        folder / entry.name
        for entry in listing(folder)[0]
        if os.path.splitext(entry.name)[1].lower() in endings and not is_folder(entry)  # noqa: PTH122
    )


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it, if it is not there.

    Raises:
        HarcliError: it cannot be made; a file may be in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HarcliError(f"{folder}: cannot be made a folder ({error.strerror})") from error
