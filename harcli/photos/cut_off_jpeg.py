"""JPEGs whose last bytes are missing: how much of the picture is there, and the picture as viewers show it.

Pillow does not say how far it came: its decoder goes on with grey to the end."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

_END = b"\xff\xd9"
_STRIP = 16  # rows that are compared at once
_SCALE = 8  # of a photo whose rows come in order, an eighth of the size tells enough
_SCAN, _END_CODE = 0xDA, 0xD9
_UNKNOWN = 99  # bits
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in the data of a scan


def load_jpeg(data: bytes) -> tuple[Image.Image, float]:
    """A JPEG that is cut off, loaded as viewers do it: what is missing is grey.

    Returns:
        The image at full size, and which share of its rows is there, from the top; 1 if only what nobody sees is
        missing.
    """
    # Each scan of a progressive JPEG refines the whole picture: blurred at first, then sharp.
    begun, ended, whole = _scans(data)
    data = data[:whole]
    share = 1.0 if ended else _rows_there(data) if begun else 0.0
    image = Image.open(io.BytesIO(data + _END), formats=["JPEG"])
    if share > 0:
        image.load()
    return image, share


def _rows_there(data: bytes) -> float:
    """Where two continuations of the data first differ in the picture, there the data end."""
    plain, in_order = _strips(data + _END)
    # In a refining scan, noise may begin with "nothing new in the next thousand blocks": some other will not.
    noises = [_strips(data + _noise(seed, data[-1:]))[0] for seed in range(1 if in_order else 4)]
    return min(_equal(plain, noise) for noise in noises)


def _equal(one: list[int], other: list[int]) -> float:
    """The share of strips before the first that differs."""
    first = next((i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), len(one))
    return first / len(one)


def _strips(data: bytes) -> tuple[list[int], bool]:
    """A checksum of each strip of the picture, and whether the file has its rows from top to bottom."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        in_order = not image.info.get("progressive")
        if in_order:  # then noise shows at any scale
            image.draft(None, (image.width // _SCALE, image.height // _SCALE))
        image.load()
        step = 1 if in_order else _STRIP
        width, height = image.size
        sums = [zlib.crc32(image.crop((0, y, width, min(y + step, height))).tobytes()) for y in range(0, height, step)]
        return sums, in_order


def _noise(seed: int, before: bytes) -> bytes:
    """Random data of a scan, with every restart marker that the decoder may be waiting for.

    Args:
        before: the file's last byte; if it is the first half of a pair, the pair becomes one that stands for data.
    """
    generator = np.random.default_rng(seed)
    parts = (generator.bytes(4096).replace(b"\xff", b"\x55") + bytes([0xFF, 0xD0 + i % 8]) for i in range(24))
    return (b"\0" if before == b"\xff" else b"") + b"".join(parts) + _END


def _scans(data: bytes) -> tuple[bool, bool, int]:
    """Whether a scan has begun that brings all coefficients of all components to their precision but for one bit,
    which nobody sees; whether it has ended, since something follows; and where the last segment ends that is whole."""
    short: dict[int, list[int]] = {}  # by component, the bits that each coefficient lacks
    begun = ended = False
    whole = 0
    for marker, segment, end in _segments(data):
        ended, whole = begun, end
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # the frame's header
            short = {segment[6 + 3 * i]: [_UNKNOWN] * 64 for i in range(segment[5])}
        elif marker == _SCAN:
            count = segment[0]
            first, last, bits = segment[1 + 2 * count : 4 + 2 * count]
            for component in segment[1 : 1 + 2 * count : 2]:
                if component in short:
                    short[component][first : last + 1] = [bits & 0x0F] * (last + 1 - first)
            begun = begun or (bool(short) and all(max(each) <= 1 for each in short.values()))
    return begun, ended, whole


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The marker segments of a JPEG until one is not whole: code, content, and where it ends with its scan's data."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes
            at += 1
            continue
        if marker == _END_CODE:
            return
        if marker in _ALONE:
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or end < at + 4:
            return
        segment = data[at + 4 : end]
        if marker == _SCAN:
            found = _MARKER.search(data, end)
            end = found.start() if found else len(data)
        yield marker, segment, end
        at = end
