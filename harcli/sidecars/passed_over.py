"""XMP data in photo files that Pillow does not give: in GIFs, and behind the pixels of PNGs."""

from __future__ import annotations

import mmap
import zlib
from pathlib import Path

_GIF_BLOCK = b"!\xff\x0bXMP DataXMP"
_GIF_TRAILER = b"\x01\xff\xfe\xfd"
_PNG_KEYWORD = b"XML:com.adobe.xmp\x00"
_PNG_CHUNK = 12  # bytes beside a chunk's content: its length, its kind, its checksum
_LARGEST = 64 * 2**20


def passed_over(photo: Path, container: str | None) -> bytes:
    """The XMP document in a photo file; empty if there is none.

    Args:
        container: Pillow's name of the format.

    Raises:
        OSError, ValueError: the file cannot be read, or is damaged.
    """
    if container not in _READERS:
        return b""
    with photo.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _READERS[container](data)


def _of_gif(data: mmap.mmap) -> bytes:
    """Adobe puts the document there as it is, and behind it a trailer in which whoever takes letters for the lengths of
    blocks comes to the end. Others really make blocks of it."""
    start = data.find(_GIF_BLOCK) + len(_GIF_BLOCK)
    if start < len(_GIF_BLOCK):
        return b""
    end, blocks = start, []
    while end < len(data) and data[end]:
        blocks.append(data[end + 1 : end + 1 + data[end]])
        end += 1 + data[end]
    document, trailer, _ = data[start:end].partition(_GIF_TRAILER)
    return document if trailer else b"".join(blocks)


def _of_png(data: mmap.mmap) -> bytes:
    position = 8
    while position + _PNG_CHUNK <= len(data):
        start = position + 8
        end = start + int.from_bytes(data[position : position + 4], "big")
        if data[position + 4 : start] == b"iTXt" and data[start : start + len(_PNG_KEYWORD)] == _PNG_KEYWORD:
            content = data[start + len(_PNG_KEYWORD) : end]
            text = content[2:].split(b"\x00", 2)[2]  # behind two flags, the language, and the keyword in it
            return zlib.decompressobj().decompress(text, _LARGEST) if content[0] else text
        position = end + 4
    return b""


_READERS = {"GIF": _of_gif, "PNG": _of_png}
