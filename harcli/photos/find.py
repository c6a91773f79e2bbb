"""From what the user named to a list of photo files in a stable order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PHOTO_ENDINGS = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif"})
"""What is taken from folders, by the name's ending in any case; a file that is named itself is always taken."""

# Synology keeps thumbnails of every photo in folders of this name.
_SKIPPED_FOLDERS = frozenset({"@eaDir"})


def find_photos(paths: Iterable[Path]) -> list[Path]:
    """Files as they are named, folders walked recursively; nothing twice.

    A folder's photos come in natural order (`img2` before `img10`) of their paths. Hidden files and folders in it are
    skipped. Folders behind symbolic links are walked, each folder once, so that loops end.

    Args:
        paths: files and folders. One that does not exist, or a folder that cannot be listed, is passed on as it is:
            `decode` then says what is wrong with it, so that no photo disappears.

    Returns:
        Paths that start as the user's do, in the order named.
    """
    found: dict[tuple[str, str], Path] = {}
    for path in paths:
        for photo in _walk(path) if os.path.isdir(path) else (path,):  # noqa: PTH112
            found.setdefault(_entry(photo), photo)
    return list(found.values())


def _entry(path: Path) -> tuple[str, str]:
    """Equal for two names of one directory entry; a symbolic link to a file is an entry of its own."""
    try:
        return os.path.realpath(path.parent), path.name
    except (OSError, ValueError):  # a name that no file can have, with a NUL in it; `decode` will say so
        return str(path.parent), path.name


def _walk(top: Path) -> list[Path]:
    """All photos below a folder, in natural order."""
    photos: list[Path] = []
    seen: set[tuple[int, int]] = set()
    # Links wait until all real folders are seen, so that a folder is listed under its real name where it has one here.
    folders, links = [top], list[Path]()
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        try:
            status = folder.stat()
            if (identity := (status.st_dev, status.st_ino)) in seen:
                continue
            seen.add(identity)
            with os.scandir(folder) as entries:
                for entry in _visible(entries):
                    path = folder / entry.name
                    if entry.is_dir():
                        (links if entry.is_symlink() else folders).append(path)
                    elif path.suffix.lower() in PHOTO_ENDINGS:
                        photos.append(path)
        except OSError:
            photos.append(folder)
        links.sort(key=_natural)
    return sorted(photos, key=_natural)


def _visible(entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    return (entry for entry in entries if not entry.name.startswith(".") and entry.name not in _SKIPPED_FOLDERS)


def _natural(path: Path) -> list[tuple[list[tuple[int, int, str]], str]]:
    """Sort key: numbers in names count as numbers, case does not, and the exact name decides between equals."""
    return [([_natural_part(part) for part in _NUMBERS.split(name) if part], name) for name in path.parts]


def _natural_part(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if _NUMBERS.fullmatch(part) else (1, 0, part.casefold())


_NUMBERS = re.compile(r"([0-9]+)")
