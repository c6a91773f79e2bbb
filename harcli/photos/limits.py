"""What a photo may cost, and what it will cost, told from its header before its pixels are decoded."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

MAX_MEGAPIXELS = 200.0
"""The largest photo that is read if nothing else is said: phones take up to 200 megapixels (600 MB as RGB)."""

MAX_MEMORY = 2.0
"""Gigabytes that decoding may take, of all photos together, if nothing else is said."""

PHOTO_TIMEOUT = 60.0
"""Seconds that a photo may take to be decoded, if nothing else is said."""

_ORDINARY = 64e6  # pixels
_ORDINARY_SCANS = 400e6  # pixels times passes over them, of a JPEG: half a second
_ORDINARY_FILE = 2**28  # bytes
_SPARSE = 200  # pixels per byte of the file: not even drawings shrink so well
_SPARSE_FROM = 16e6  # pixels; less does no harm

_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}  # a pixel, in Pillow's memory; else 4
_RGB = 3
_START_OF_SCAN = b"\xff\xda"


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding may cost.

    Attributes:
        megapixels: of a photo.
        memory: gigabytes, of all photos that are being decoded together.
        seconds: of a photo.
    """

    megapixels: float = MAX_MEGAPIXELS
    memory: float = MAX_MEMORY
    seconds: float = PHOTO_TIMEOUT

    @property
    def bytes(self) -> int:
        """`memory` in bytes."""
        return int(self.memory * 1e9)


STANDARD = Limits()
NO_LIMITS = Limits(1e12, 1e9, threading.TIMEOUT_MAX / 2)


@dataclass(frozen=True, slots=True)
class Cost:
    """What decoding a photo takes.

    Attributes:
        bytes: at its height, with the RGB pixels that come out.
        suspicious: more than ordinary photos take, in memory or time, or made so as to take much: a file of a few
            kilobytes with a hundred megapixels, a JPEG of hundreds of scans.
    """

    bytes: int
    suspicious: bool


def cost_of(image: Image.Image, path: Path) -> Cost:
    """What it will take to decode an image that has been opened and not loaded.

    Raises:
        OSError: the file cannot be read.
    """
    pixels = image.width * image.height
    scale, *_ = getattr(image, "decoderconfig", None) or (1,)  # a JPEG that is to come out smaller
    whole = pixels * scale**2
    size = path.stat().st_size
    scans = _scans(image) if image.format in ("JPEG", "MPO") else 1
    suspicious = (
        whole > _ORDINARY
        or size > _ORDINARY_FILE
        or (whole > _SPARSE_FROM and whole > size * _SPARSE)
        or whole * scans > _ORDINARY_SCANS
    )
    stored = pixels * _BYTES.get(image.mode, 4)
    return Cost(max(stored + _beside(image, whole, size, scans), stored + _RGB * pixels), suspicious)


def _beside(image: Image.Image, pixels: int, size: int, scans: int) -> int:
    """Bytes that the decoder needs beside Pillow's image; measured with 24 megapixels of each kind."""
    if image.format in ("JPEG", "MPO"):
        return math.ceil(2 * _components(image) * pixels) if scans > 1 else 0  # it keeps all coefficients
    if image.format == "WEBP":
        return 12 * pixels + size
    if image.format == "AVIF":
        return 12 * pixels + size
    if image.format == "HEIF":
        return (20 if image.info.get("bit_depth", 8) > 8 else 12) * pixels + size
    if image.format == "TIFF":
        # A strip or tile in one piece; and Pillow may turn it, which takes a second image.
        return max(_tiff_piece(image) + size, 4 * pixels)
    return pixels


def _components(image: Image.Image) -> float:
    """Values per pixel of a JPEG: 3 of RGB, 1.5 where the colours come at half the size."""
    layers = getattr(image, "layer", None) or [(0, 1, 1, 0)] * 4
    samples = [across * down for _, across, down, *_ in layers]
    most = max(across for _, across, *_ in layers) * max(down for _, _, down, *_ in layers)
    return float(sum(samples) / max(most, 1))


def _tiff_piece(image: Image.Image) -> int:
    """Bytes of the largest piece of a TIFF that is decoded at once. Tiles may be larger than the image."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    bits = tags.get(258, 1)
    bits = sum(bits) if isinstance(bits, tuple) else bits
    if 322 in tags:
        width, height = tags[322], tags.get(323, image.height)
    else:
        width, height = image.width, min(tags.get(278, image.height), image.height)
    return int(math.ceil(width * max(bits, 8) / 8) * height)


def _scans(image: Image.Image) -> int:
    """How often a JPEG goes over its picture. One in an embedded preview counts as well, which does no harm."""
    stream = image.fp  # type: ignore[attr-defined]  # of the picture alone, where it lies in a RAW file
    before = stream.tell()
    stream.seek(0)
    found, last, size = 0, b"", 0
    while size < _ORDINARY_FILE and (chunk := stream.read(2**20)):
        found += (last + chunk).count(_START_OF_SCAN)
        last = chunk[-1:]
        size += len(chunk)
    stream.seek(before)
    return max(found, 1)
