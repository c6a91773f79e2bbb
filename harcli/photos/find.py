"""From what the user named to a list of photo files in a stable order."""

from __future__ import annotations

import functools
import os
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Generic, TypeVar

from harcli.folders import listing
from harcli.photos.ignore import FILE_NAME, Rules, named_rules, read_patterns
from harcli.photos.kinds import (
    BINS,
    HIDDEN,
    LIVE_VIDEOS,
    NOWHERE,
    LeftOut,
    endings_of,
    is_bin,
    kind_left_out,
)
from harcli.photos.live import live_videos_of

Place = TypeVar("Place", covariant=True)


@dataclass(frozen=True, slots=True)
class Found(Generic[Place]):
    """What was found.

    Attributes:
        photos: paths that start as the user's do, in the order named; `harcli.remote.listing` adds those elsewhere.
        ignored: how many photos below the named folders the rules left out.
        left_out: what else in them was left out, by kind.
        empty: named folders in which there is nothing to take, as they are to be shown.
    """

    photos: Sequence[Place]
    ignored: int = 0
    left_out: LeftOut = field(default_factory=dict, compare=False)
    empty: Sequence[Path | str] = field(default_factory=list, compare=False)

    @property
    def summary(self) -> dict[str, dict[str, int]]:
        """What was left out, for results that others read too: by kind, then by ending or, for the folders of other
        programs, by name. No name that somebody gave."""
        kinds = {kind: dict(names) for kind, names in self.left_out.items()}
        for kind in (HIDDEN, NOWHERE):
            if kind in kinds:
                kinds[kind] = {"all": sum(kinds[kind].values())}
        return kinds | ({"ignored by rules": {"all": self.ignored}} if self.ignored else {})


def find_photos(
    paths: Iterable[Path],
    ignore: Sequence[str] = (),
    *,
    raw: bool = False,
    videos: bool = False,
    live_videos: bool = False,
) -> Found[Path]:
    """Files as they are named, folders walked recursively; nothing twice.

    A folder's photos come in natural order (`img2` before `img10`) of their paths. Hidden files and folders in it are
    skipped, and recycle bins and previews of other programs. Folders behind symbolic links are walked, each folder
    once, so that loops end.

    Args:
        paths: files and folders. One that does not exist, a folder that cannot be listed, or a link that cannot be
            followed is passed on as it is: `decode` then says what is wrong with it, so that no photo disappears. A
            file that is named is never ignored.
        ignore: patterns in the syntax of gitignore, relative to each named folder; they come before those of
            `.harcliignore` files.
        raw: take RAW files from folders too, for the preview in them.
        videos: take videos from folders too.
        live_videos: also those that belong to a photo of the same name, see `harcli.photos.live`.

    Raises:
        HarcliError: something in `ignore` is no pattern, or a `.harcliignore` cannot be read.
    """
    real = functools.lru_cache(1024)(_real)

    def entry(path: Path) -> tuple[str, str]:
        return real(os.path.dirname(path)), path.name  # noqa: PTH120  (`parent` makes a path of it, for each photo)

    found: dict[tuple[str, str], Path] = {}
    ignored: set[tuple[str, str]] = set()
    left_out: dict[tuple[str, str], tuple[str, str]] = {}
    empty = []
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112
            found.setdefault(entry(path), path)
            continue
        walk = _Walk(endings_of(raw=raw, videos=videos))
        walk.go(path, named_rules(path, ignore))
        if videos and not live_videos:
            walk.leave_out_live_videos()
        if not walk.photos:
            empty.append(path)
        ignored.update(entry(file) for file in walk.ignored)
        left_out.update((entry(file), about) for file, about in walk.left_out)
        for photo in sorted(walk.photos, key=natural):
            found.setdefault(entry(photo), photo)
    kinds: dict[str, Counter[str]] = {}
    for kind, ending in (about for name, about in left_out.items() if name not in found):
        kinds.setdefault(kind, Counter())[ending] += 1
    return Found(list(found.values()), len(ignored - found.keys()), kinds, empty)


def _real(folder: str) -> str:
    """Equal for two names of one folder. With a file's name it makes a directory entry, which two names of one file
    have in common; a symbolic link to a file is an entry of its own."""
    try:
        return os.path.realpath(folder)
    except (OSError, ValueError):  # a name that no file can have, with a NUL in it; `decode` will say so
        return folder


class _Walk:
    """What is below a folder, in any order.

    Attributes:
        photos: to be taken; or what may be a photo, or hold some, and cannot be looked at.
        ignored: photos that rules leave out.
        left_out: other files and folders, each with its kind, and its ending or name.
    """

    def __init__(self, endings: Container[str]) -> None:
        self.photos: list[Path] = []
        self.ignored: list[Path] = []
        self.left_out: list[tuple[Path, tuple[str, str]]] = []
        self._endings = endings
        self._folders: list[tuple[Path, Rules]] = []
        # Links wait until all real folders are seen, so that a folder is listed under its real name where it has one.
        self._links: list[tuple[Path, Rules]] = []

    def go(self, top: Path, rules: Rules) -> None:
        """Walk the folder and all below it."""
        seen: set[object] = set()
        self._folders.append((top, rules))
        while self._folders or self._links:
            folder, rules = self._folders.pop() if self._folders else self._links.pop(0)
            try:
                status = folder.stat()
            except OSError:
                self.photos.append(folder)
                continue
            # Some network drives number nothing.
            identity = (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(folder)
            if identity not in seen:
                seen.add(identity)
                self._list(folder, rules)
                self._links.sort(key=lambda link: natural(link[0]))

    def leave_out_live_videos(self) -> None:
        """Leave out the videos that phones take with a photo: the photo stands for both."""
        videos = live_videos_of(self.photos)
        self.photos = [photo for photo in self.photos if photo not in videos]
        for video in videos:
            self._leave_out(video, LIVE_VIDEOS, video.suffix.lower())

    def _list(self, folder: Path, rules: Rules) -> None:
        """Take what is in one folder. What cannot be listed or looked at costs nothing else."""
        entries, broken = listing(folder)
        if broken:
            self.photos.append(folder)
        if any(entry.name == FILE_NAME for entry in entries):
            rules = rules.inside(folder, read_patterns(folder / FILE_NAME))
        for entry in entries:
            self._take(folder / entry.name, entry, rules)

    def _take(self, path: Path, entry: os.DirEntry[str], rules: Rules) -> None:
        try:
            is_folder = entry.is_dir()
        except OSError:  # a link to itself, into a closed folder, ...: there may be a folder of photos behind it
            if not _is_hidden(path.name) and not is_bin(path):
                (self.ignored if rules.leave_out(path, True) else self.photos).append(path)
            return
        if is_folder and is_bin(path):
            self._leave_out(path, BINS, path.name)
        elif _is_hidden(path.name):
            if is_folder or (self._is_photo(path) and not path.name.startswith("._")):  # those are not photos on macOS
                self._leave_out(path, HIDDEN, path.name if is_folder else path.suffix.lower())
        elif rules.leave_out(path, is_folder):
            self.ignored += self._photos_below(path) if is_folder else filter(self._is_photo, [path])
        elif is_folder:
            (self._links if entry.is_symlink() else self._folders).append((path, rules))
        elif self._is_photo(path):
            self.photos.append(path)
        elif entry.is_symlink() and not os.path.exists(path):  # noqa: PTH110
            self._leave_out(path, NOWHERE, path.name)
        elif kind := kind_left_out(path):
            self._leave_out(path, kind, path.suffix.lower() or "no ending")

    def _leave_out(self, path: Path, kind: str, name: str) -> None:
        self.left_out.append((path, (kind, name)))

    def _photos_below(self, folder: Path) -> Iterator[Path]:
        """Those of a folder that is left out, to be counted; no links are followed."""
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not _is_hidden(name) and not is_bin(Path(parent, name))]
            yield from filter(self._is_photo, (Path(parent, name) for name in names if not _is_hidden(name)))

    def _is_photo(self, path: Path) -> bool:
        return path.suffix.lower() in self._endings


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def natural(path: PurePath) -> list[tuple[list[tuple[int, int, str]], str]]:
    """Sort key: numbers in names count as numbers, case does not, and the exact name decides between equals."""
    return [_natural_name(name) for name in path.parts]


@functools.lru_cache(4096)  # folders have many photos
def _natural_name(name: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = enumerate(_NUMBERS.split(name))  # text and numbers in turn
    return [(0, int(part), "") if at % 2 else (1, 0, part.casefold()) for at, part in parts if part], name


_NUMBERS = re.compile(r"([0-9]+)")
