"""Lists of paths, as other programs write them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import AnyStr, BinaryIO

from harcli.errors import HarcliError

_MARKS = (
    *((b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be")),
    *((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")),
)
"""What lists in wide characters may begin with. A name that is not UTF-8 may, too."""

_ASCII = rb"[\x01-\x7f]"
_PAIRS = {
    "utf-16-le": re.compile(rb"(?s)(?:..)*?(?:%b\0){2}" % _ASCII),
    "utf-16-be": re.compile(rb"(?s)(?:..)*?(?:\0%b){2}" % _ASCII),
    "utf-32-le": re.compile(rb"(?s)(?:....)*?(?:%b\0\0\0)" % _ASCII),
    "utf-32-be": re.compile(rb"(?s)(?:....)*?(?:\0\0\0%b)" % _ASCII),
}
"""Letters of ASCII in wide characters, at the right place. No list in any of these is without: `.jpg` is enough."""

_LETTERS = re.compile(rb"(?s)(?:^|\0)[^\0]\0+[^\0](?:\0|$)")
"""Two names of one byte, one after the other: wide characters look like this, and then each letter would be a path."""

_NO_LIST = (
    *(b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*"),
    *(b"PK\x03\x04", b"%PDF", b"SQLite format", b"\x1f\x8b"),
)
"""How files begin that somebody may hand over in place of a list."""

_ADVICE = "give a list in UTF-8, one path per line, or separated by NUL (find -print0)"


def paths_from(stream: BinaryIO) -> list[Path]:
    """`names_from` as paths."""
    return [Path(name) for name in names_from(stream)]


def names_from(stream: BinaryIO) -> list[str]:
    """The paths or URLs of a list, in its order: one per line, or separated by NUL, as `find -print0` writes them.

    Lines may end in CR LF, and blank ones are left out. Names need not be UTF-8. A list in UTF-16 or UTF-32, as
    programs for Windows write them, has one path per line.

    Raises:
        HarcliError: it cannot be told what the paths are.
    """
    listed = stream.read()
    if listed.startswith(_NO_LIST) or listed[4:8] == b"ftyp":
        raise HarcliError(f"standard input is no list of paths but another file; {_ADVICE}")
    wide = _wide(listed)
    if wide is not None:
        return list(_lines(wide))
    if b"\0" not in listed:
        return [os.fsdecode(line) for line in _lines(listed.removeprefix(b"\xef\xbb\xbf"))]
    if _LETTERS.search(listed):
        raise HarcliError(
            f"the list of paths on standard input may be in UTF-16, or has names of one letter; {_ADVICE}"
        )
    if b"\n" in listed and not listed.endswith(b"\0"):
        raise HarcliError(f"the list of paths on standard input has both lines and NULs; {_ADVICE}")
    names = [name for name in listed.split(b"\0") if name]
    if len(names) > 1 and any(map(_is_stray, names, [*names[1:], b""])):
        raise HarcliError(
            f"the list of paths on standard input names a whole folder by a single sign among other paths; {_ADVICE}"
        )
    return [os.fsdecode(name) for name in names]


def _is_stray(name: bytes, following: bytes) -> bool:
    """Whether a name is `.` or `/`, and not as `find` prints it, with what is in that folder after it: it may be half
    of a wide character, and would stand for all photos of the disk."""
    return name in (b".", b"/") and not following.startswith(name.rstrip(b"/") + b"/")


def _lines(listed: AnyStr) -> Iterator[AnyStr]:
    """Those that are not blank, without their ends."""
    end, return_ = ("\n", "\r") if isinstance(listed, str) else (b"\n", b"\r")
    return (line.removesuffix(return_) for line in listed.split(end) if line.strip())


def _wide(listed: bytes) -> str | None:
    """A list in UTF-16 or UTF-32 as text: if it begins with their mark, or is whole lines in one of them and no other.

    Raises:
        HarcliError: it begins like one, and is damaged.
    """
    for mark, encoding in _MARKS:
        rest = listed.removeprefix(mark)
        if not listed.startswith(mark):
            continue
        text = _decoded(rest, encoding)
        # Without letters of ASCII, as of Chinese folders, the ends of lines tell: a name cannot hold their NULs.
        if not rest or _PAIRS[encoding].match(rest) or (text is not None and "\n" in text):
            if text is None:
                raise HarcliError(f"the list of paths on standard input is damaged {encoding[:6].upper()}; {_ADVICE}")
            return text
    texts = [_decoded(listed, encoding) for encoding, pairs in _PAIRS.items() if pairs.match(listed)]
    lines = [text for text in texts if text is not None and "\n" in text]
    return lines[0] if len(lines) == 1 else None


def _decoded(data: bytes, encoding: str) -> str | None:
    """The text; None if it is none, or holds what no path can."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
