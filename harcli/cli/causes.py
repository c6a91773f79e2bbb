"""In a few lines for the terminal: why files could not be read, and what was left out of folders."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harcli.extras import install
from harcli.photos.kinds import (
    BINS,
    HIDDEN,
    LIVE_VIDEOS,
    NOWHERE,
    OTHERS,
    RAW_ENDINGS,
    UNREAD,
    VIDEO_ENDINGS,
    VIDEOS,
    LeftOut,
)

_MOST = 6  # causes that are told, and names in a line
_NUMBER = re.compile(r"[0-9][0-9.,]*")
_ADVICE = re.compile(r"pip install|--[a-z]")

_WORDS = {
    UNREAD: ("photo of a kind that harcli does not read", UNREAD),
    VIDEOS: ("video left out", "videos left out"),
    LIVE_VIDEOS: ("video of a Live Photo left out", "videos of Live Photos left out"),
    OTHERS: ("other file left out", "other files left out"),
    BINS: ("recycle bin or folder of previews left out", "recycle bins and folders of previews left out"),
    HIDDEN: ("hidden file or folder left out", "hidden files and folders left out"),
    NOWHERE: ("link that leads nowhere", "links that lead nowhere"),
}


class Causes:
    """Why files could not be read: errors that differ in detail only are one cause."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._first: dict[str, tuple[str, str]] = {}

    def add(self, path: str, error: str) -> None:
        """Count the file of a record with an error."""
        cause = _cause(error)
        kind = _NUMBER.sub("0", cause)
        self._files[kind] = self._files.get(kind, 0) + 1
        self._first.setdefault(kind, (cause, path))

    def lines(self) -> Iterator[str]:
        """A line a cause, the most frequent first: `2 HEIC: pip install 'harcli[heif]'`, `1 damaged: a/b.jpg`."""
        kinds = sorted(self._files, key=lambda kind: -self._files[kind])
        for kind in kinds[:_MOST]:
            cause, path = self._first[kind]
            files = self._files[kind]
            example = "" if _ADVICE.search(cause) else f": {path}" + (f" and {files - 1} more" if files > 1 else "")
            yield f"{files} {cause}{example}"
        if rest := sum(self._files[kind] for kind in kinds[_MOST:]):
            yield f"{rest} for other reasons"


def files_noun(files: int, videos: int) -> str:
    """What so many files are, of which so many are videos."""
    return "photos" if not videos else "videos" if videos == files else "photos and videos"


def left_out_lines(left_out: LeftOut) -> Iterator[str]:
    """A line a kind: `3 photos of kinds that harcli does not read: .jxl, .dng, .cr2`, `3 videos left out: .mp4`."""
    for kind, (one, several) in _WORDS.items():
        names = left_out.get(kind)
        if names:
            count = sum(names.values())
            frequent = sorted(names, key=lambda name: (-names[name], name))
            shown = ", ".join(frequent[:_MOST]) + (", ..." if len(names) > _MOST else "")
            yield f"{count} {one if count == 1 else several}: {shown}{_advice(kind, set(names))}"


def _advice(kind: str, names: set[str]) -> str:
    """What brings files that were left out into the results."""
    if names & RAW_ENDINGS:
        return "; --raw-preview reads the preview in RAW files"
    if kind == VIDEOS and names & VIDEO_ENDINGS:  # with the extra, these are not left out
        return f"; to tag them: {install('video')}"
    return "; --live-videos takes them" if kind == LIVE_VIDEOS else ""


def _cause(error: str) -> str:
    """A record's error without what is of this file alone: `damaged: image file is truncated ...` is `damaged`."""
    kind, separator, _ = error.partition(": ")
    return kind if separator and kind == "damaged" else error.replace(" needs an extra: ", ": ")
