"""Photos that harcli makes itself, for machines that have none at hand: as large, and as hard to decode, as real ones.

Nobody is on them, so the detector's answer is replaced by `PEOPLE` after it has computed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIZES = {"0.3": (640, 480), "12": (4000, 3000)}
"""Width and height by megapixels: of the photos of COCO, and of a telephone's."""

PEOPLE = ((0.1, 0.3, 0.25, 0.9), (0.4, 0.2, 0.6, 0.95), (0.7, 0.35, 0.85, 0.9))
"""Boxes by shares of width and height: x1, y1, x2, y2."""

COUNT = 4
"""Different photos of a size; a run takes them again and again."""

_COARSE = 32  # pixels between two colours that are drawn
_GRAIN = 9  # of 256: how much a pixel differs from its neighbours at most
_QUALITY = 90


def make_photos(folder: Path, megapixels: str) -> list[Path]:
    """`COUNT` JPEG files of this size."""
    rng = np.random.default_rng(0)
    files = [folder / f"{megapixels}-{number}.jpg" for number in range(COUNT)]
    for file in files:
        _picture(rng, SIZES[megapixels]).save(file, quality=_QUALITY)
    return files


def _picture(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Soft colours with grain, which makes a JPEG of about 2 bits a pixel, as photos are."""
    width, height = size
    colours = rng.integers(0, 256, (height // _COARSE, width // _COARSE, 3), np.uint8)
    soft = np.asarray(Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC), np.int16)
    grain = rng.integers(-_GRAIN, _GRAIN + 1, (height // 4, width // 4, 1), np.int16)
    return Image.fromarray(np.clip(soft + np.tile(grain, (4, 4, 1)), 0, 255).astype(np.uint8))
