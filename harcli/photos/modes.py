"""From each of Pillow's pixel modes to 8-bit RGB without clipping, and without showing colours hidden by alpha."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def to_rgb(image: Image.Image) -> Image.Image:
    """An RGB image of the same size.

    Pillow's own conversion of 16-bit and float pixels clips them (a 16-bit photo turns white), and that of transparent
    ones drops the alpha channel.

    Raises:
        ValueError: a mode that Pillow cannot convert.
    """
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image) >> 8)
    if image.mode == "I":
        return _grey(_integers_to_bytes(np.asarray(image), sixteen_bits=image.format == "PNG"))
    if image.mode == "F":
        return _grey(_floats_to_bytes(np.asarray(image)))
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, rgba).convert("RGB")


def _grey(pixels: NDArray[Any]) -> Image.Image:
    return Image.fromarray(pixels.astype(np.uint8)).convert("RGB")


def _integers_to_bytes(pixels: NDArray[np.int32], *, sixteen_bits: bool) -> NDArray[np.uint8]:
    """32-bit integers. No file says which range is meant: 8 or 16 bits if all values fit, else up to the highest value.

    Args:
        sixteen_bits: the values are known to be in 0..65535.
    """
    top = int(pixels.max())
    full = 65535 if sixteen_bits or 255 < top <= 65535 else max(top, 255)
    return _floats_to_bytes(pixels.astype(np.float64) / full)


def _floats_to_bytes(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Floats in 0..1, or in 0..255 or 0..65535 if some are above; NaN is black."""
    values = np.nan_to_num(pixels.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = float(values.max())
    full = next((full for full in (1.0, 255.0, 65535.0) if top <= full), top)
    return np.clip(np.round(values / full * 255), 0, 255).astype(np.uint8)
