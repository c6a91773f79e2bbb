"""From each of Pillow's pixel modes to 8-bit RGB without clipping, and without showing colours hidden by alpha.

It goes strip by strip, so that beside the image itself only its RGB pixels stand in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_STRIP = 2**18
"""Pixels of a strip: few enough for a processor's cache, with copies."""

_SIDEWAYS = frozenset(
    {Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90}
)
_FROM_THE_RIGHT = frozenset({Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90})
_FROM_BELOW = frozenset({Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM})


def rgb_pixels(image: Image.Image, turn: Image.Transpose | None = None) -> NDArray[np.uint8]:
    """The pixels of a loaded image as `rgb_strips` gives them, in one piece: uint8 `(H, W, 3)`, read-only."""
    width, height = turned_size(image, turn)
    pixels = np.empty((height, width, 3), np.uint8)
    top = 0
    for strip in rgb_strips(image, turn):
        pixels[top : top + len(strip)] = strip
        top += len(strip)
    pixels.flags.writeable = False
    return pixels


def turned_size(image: Image.Image, turn: Image.Transpose | None) -> tuple[int, int]:
    """Width and height of the image when it is turned."""
    return (image.height, image.width) if turn in _SIDEWAYS else image.size


def rgb_strips(image: Image.Image, turn: Image.Transpose | None = None) -> Iterator[NDArray[np.uint8]]:
    """The turned image from top to bottom in strips of whole rows, each uint8 `(rows, W, 3)`.

    Pillow's own conversion of 16-bit and float pixels clips them (a 16-bit photo turns white), and that of transparent
    ones drops the alpha channel.

    Raises:
        ValueError: a mode that Pillow cannot convert.
    """
    convert = _converter(image)
    width, height = turned_size(image, turn)
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        part = convert(image.crop(_source(image, turn, top, min(top + rows, height))))
        yield np.asarray(part if turn is None else part.transpose(turn))


def _source(image: Image.Image, turn: Image.Transpose | None, top: int, bottom: int) -> tuple[int, int, int, int]:
    """Where rows of the turned image come from in the image as it is stored: left, top, right, bottom."""
    if turn in _SIDEWAYS:
        if turn in _FROM_THE_RIGHT:
            top, bottom = image.width - bottom, image.width - top
        return top, 0, bottom, image.height
    if turn in _FROM_BELOW:
        top, bottom = image.height - bottom, image.height - top
    return 0, top, image.width, bottom


def _converter(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """What makes RGB of a part of the image. It may depend on the whole, which is looked at here."""
    if image.mode.startswith("I;16"):
        return lambda part: _grey(np.asarray(part) >> 8)
    if image.mode == "I":
        full = _range_of_integers(image)
        return lambda part: _grey(_scaled(np.asarray(part), full))
    if image.mode == "F":
        full = _range_of_floats(image)
        return lambda part: _grey(_scaled(_finite(part), full))
    if image.has_transparency_data:
        return _on_white
    return lambda part: part if part.mode == "RGB" else part.convert("RGB")


def _on_white(part: Image.Image) -> Image.Image:
    rgba = part.convert("RGBA")
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, rgba).convert("RGB")


def _grey(pixels: NDArray[Any]) -> Image.Image:
    return Image.fromarray(pixels.astype(np.uint8)).convert("RGB")


def _range_of_integers(image: Image.Image) -> float:
    """What is white among 32-bit integers. No file says it: 8 or 16 bits if all values fit, else the highest value."""
    if image.format == "PNG":  # it has 16 bits at most
        return 65535
    top = max(int(np.asarray(part).max()) for part in _parts(image))
    return 65535 if 255 < top <= 65535 else max(top, 255)


def _range_of_floats(image: Image.Image) -> float:
    """What is white among floats: 1, or 255 or 65535 if some are above, or the highest value."""
    top = max(float(_finite(part).max()) for part in _parts(image))
    return next((full for full in (1.0, 255.0, 65535.0) if top <= full), top)


def _parts(image: Image.Image) -> Iterator[Image.Image]:
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _finite(part: Image.Image) -> NDArray[np.float32]:
    """Floats with black where a value is none."""
    return np.nan_to_num(np.asarray(part, np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _scaled(pixels: NDArray[Any], full: float) -> NDArray[np.uint8]:
    return np.clip(np.round(pixels / full * 255), 0, 255).astype(np.uint8)
