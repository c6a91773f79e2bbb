"""Headers that never end: millions of empty segments before a picture, which Pillow takes in one by one, and keeps.

They are stepped over here, without being read; a photo has a few dozen.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

MOST_PARTS = 1 << 16
"""Segments, chunks or extensions beside the picture. Films in a GIF or PNG come after the first picture."""

_ALONE = frozenset({0x00, 0x01, 0xFF, *range(0xD0, 0xD9)})  # bytes after 0xFF that no length follows
_JPEG_ENDS = frozenset({0xD9, 0xDA})  # end of the picture, or start of its data
_PICTURE = frozenset({b"IDAT", b"fdAT"})


def is_endless(path: Path) -> bool:
    """Whether there are more than `MOST_PARTS` parts beside the picture.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
        parts = next((parts(stream) for begin, parts in _PARTS.items() if head.startswith(begin)), iter(()))
        return any(number >= MOST_PARTS for number, _ in enumerate(parts))


def has_end(path: Path) -> bool:
    """Whether a PNG has its last chunk. Without it the picture may be there all the same.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        stream.seek(8)
        return any(kind == b"IEND" for kind in _chunks(stream, path.stat().st_size))


def _jpeg(stream: BinaryIO) -> Iterator[None]:
    """Its segments and fill bytes up to the first scan."""
    stream.seek(2)
    while byte := stream.read(1):
        yield
        if byte != b"\xff":
            continue
        marker = stream.read(1)
        if not marker or marker[0] in _JPEG_ENDS:
            return
        if marker[0] not in _ALONE:
            stream.seek(max(int.from_bytes(stream.read(2), "big") - 2, 0), os.SEEK_CUR)
        elif marker == b"\xff":
            stream.seek(-1, os.SEEK_CUR)


def _png(stream: BinaryIO) -> Iterator[None]:
    """Its chunks, but for those of the picture."""
    return (None for kind in _chunks(stream) if kind not in _PICTURE)


def _chunks(stream: BinaryIO, size: float = math.inf) -> Iterator[bytes]:
    """The kinds of the chunks of a PNG, if they end within `size` bytes."""
    while len(head := stream.read(8)) == 8:
        if stream.seek(int.from_bytes(head[:4], "big") + 4, os.SEEK_CUR) <= size:
            yield head[4:]


def _gif(stream: BinaryIO) -> Iterator[None]:
    """The blocks of its extensions up to the first picture."""
    stream.seek(10)
    flags = stream.read(3)[:1] or b"\0"
    stream.seek(3 * (2 << (flags[0] & 7)) if flags[0] & 0x80 else 0, os.SEEK_CUR)
    while stream.read(1) == b"!":
        yield
        stream.seek(1, os.SEEK_CUR)
        while (length := stream.read(1)) > b"\0":
            stream.seek(length[0], os.SEEK_CUR)


_PARTS: dict[bytes, Callable[[BinaryIO], Iterator[None]]] = {b"\xff\xd8": _jpeg, b"\x89PNG": _png, b"GIF8": _gif}
