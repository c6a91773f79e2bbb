"""WebP files whose last bytes are missing. Pillow does not open them: they are given an end that the decoder takes."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

_COMPLETED = "harcli-completed"
_LONGEST = 1 << 26  # bytes that are read into memory
_PICTURES = (b"VP8 ", b"VP8L")
_MORE = 1 << 16  # bytes: decoders read ahead
_SEEDS = 8
"""Noise may by chance mean what is forbidden."""


def open_cut_off_webp(path: Path) -> Image.Image | None:
    """A WebP that ends too early, opened as if zeros followed; None if it is something else.

    Raises:
        OSError: the file cannot be read, or too little of it is there.
    """
    with path.open("rb") as stream:
        head = stream.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WEBP":
            return None
        stream.seek(0)
        data = stream.read(_LONGEST)
    if len(data) >= 8 + int.from_bytes(head[4:8], "little"):
        return None
    image = Image.open(io.BytesIO(_completed(data, bytes(_MORE))), formats=["WEBP"])
    image.info[_COMPLETED] = data
    return image


def is_completed(image: Image.Image) -> bool:
    """Whether it is one of `open_cut_off_webp`."""
    return _COMPLETED in image.info


def rows_of_webp(image: Image.Image) -> int:
    """How many rows of a loaded image are its own, from the top: those that do not depend on what follows the data."""
    data = image.info[_COMPLETED]
    rows = row_sums(image)
    for seed in range(_SEEDS):
        noise = np.random.default_rng(seed).bytes(_MORE)
        try:
            with Image.open(io.BytesIO(_completed(data, noise)), formats=["WEBP"]) as other:
                others = row_sums(other)
        except OSError:
            continue
        return next((y for y, pair in enumerate(zip(rows, others, strict=True)) if pair[0] != pair[1]), image.height)
    return 0


def row_sums(image: Image.Image) -> list[int]:
    """A checksum of each row of a loaded image."""
    return [zlib.crc32(image.crop((0, y, image.width, y + 1)).tobytes()) for y in range(image.height)]


def _completed(data: bytes, more: bytes) -> bytes:
    """The file with its last chunk made longer if it is the picture, or left out; its lengths are those of what is
    there."""
    body = b""
    for kind, content, whole in _chunks(data):
        if not whole and kind not in _PICTURES:
            break
        content = content if whole else content + more
        body += kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Kind and content of each chunk, and whether it is there as a whole."""
    at = 12
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        yield kind, data[at + 8 : at + 8 + length], at + 8 + length <= len(data)
        at += 8 + length + length % 2
