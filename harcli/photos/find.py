"""From what the user named to a list of photo files in a stable order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from harcli.photos.ignore import FILE_NAME, Rules, named_rules

PHOTO_ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif"}
    | {".heic", ".heif", ".hif", ".avif"}
)
"""What is taken from folders, by the name's ending in any case; a file that is named itself is always taken."""

# Synology keeps thumbnails of every photo in folders of this name.
_SKIPPED_FOLDERS = frozenset({"@eaDir"})


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        photos: paths that start as the user's do, in the order named.
        ignored: how many photos below the named folders the rules left out.
    """

    photos: list[Path]
    ignored: int = 0


def find_photos(paths: Iterable[Path], ignore: Sequence[str] = ()) -> Found:
    """Files as they are named, folders walked recursively; nothing twice.

    A folder's photos come in natural order (`img2` before `img10`) of their paths. Hidden files and folders in it are
    skipped. Folders behind symbolic links are walked, each folder once, so that loops end.

    Args:
        paths: files and folders. One that does not exist, or a folder that cannot be listed, is passed on as it is:
            `decode` then says what is wrong with it, so that no photo disappears. A file that is named is never
            ignored.
        ignore: patterns in the syntax of gitignore, relative to each named folder; they come before those of
            `.harcliignore` files.

    Raises:
        HarcliError: something in `ignore` is no pattern, or a `.harcliignore` cannot be read.
    """
    found: dict[tuple[str, str], Path] = {}
    ignored: set[tuple[str, str]] = set()
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112
            found.setdefault(_entry(path), path)
            continue
        photos, left_out = _walk(path, named_rules(path, ignore))
        ignored.update(map(_entry, left_out))
        for photo in photos:
            found.setdefault(_entry(photo), photo)
    return Found(list(found.values()), len(ignored - found.keys()))


def _entry(path: Path) -> tuple[str, str]:
    """Equal for two names of one directory entry; a symbolic link to a file is an entry of its own."""
    try:
        return os.path.realpath(path.parent), path.name
    except (OSError, ValueError):  # a name that no file can have, with a NUL in it; `decode` will say so
        return str(path.parent), path.name


def _walk(top: Path, rules: Rules) -> tuple[list[Path], list[Path]]:
    """All photos below a folder, in natural order, and those that rules leave out, in any order."""
    photos: list[Path] = []
    ignored: list[Path] = []
    seen: set[tuple[int, int]] = set()
    # Links wait until all real folders are seen, so that a folder is listed under its real name where it has one here.
    folders, links = [(top, rules)], list[tuple[Path, Rules]]()
    while folders or links:
        folder, rules = folders.pop() if folders else links.pop(0)
        try:
            status = folder.stat()
            if (identity := (status.st_dev, status.st_ino)) in seen:
                continue
            seen.add(identity)
            with os.scandir(folder) as listed:
                entries = list(listed)
            if any(entry.name == FILE_NAME for entry in entries):
                rules = rules.inside(folder)
            for entry in filter(_is_visible, entries):
                path, is_folder = folder / entry.name, entry.is_dir()
                if rules.leave_out(path, is_folder):
                    ignored += _photos_below(path) if is_folder else filter(_is_photo, [path])
                elif is_folder:
                    (links if entry.is_symlink() else folders).append((path, rules))
                elif _is_photo(path):
                    photos.append(path)
        except OSError:
            photos.append(folder)
        links.sort(key=lambda link: natural(link[0]))
    return sorted(photos, key=natural), ignored


def _photos_below(folder: Path) -> Iterator[Path]:
    """Those of a folder that is left out, to be counted; no links are followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = filter(_is_visible_name, folders)
        yield from filter(_is_photo, (Path(parent, name) for name in names if _is_visible_name(name)))


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in PHOTO_ENDINGS


def _is_visible(entry: os.DirEntry[str]) -> bool:
    return _is_visible_name(entry.name)


def _is_visible_name(name: str) -> bool:
    return not name.startswith(".") and name not in _SKIPPED_FOLDERS


def natural(path: PurePath) -> list[tuple[list[tuple[int, int, str]], str]]:
    """Sort key: numbers in names count as numbers, case does not, and the exact name decides between equals."""
    return [([_natural_part(part) for part in _NUMBERS.split(name) if part], name) for name in path.parts]


def _natural_part(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if _NUMBERS.fullmatch(part) else (1, 0, part.casefold())


_NUMBERS = re.compile(r"([0-9]+)")
