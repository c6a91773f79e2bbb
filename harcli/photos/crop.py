"""Cut persons out of photos and bring them to the model's input size.

Training and tagging both go through this file, so that the network sees in use what it saw in training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]


def grow_box(box: Box, size: tuple[int, int], margin: float) -> tuple[int, int, int, int]:
    """Grow a box by `margin` of its width and height on each side, and cut it at the photo's edge.

    Args:
        box: `(x1, y1, x2, y2)` in pixels.
        size: `(width, height)` of the photo in pixels, both at least 1.
        margin: a fraction of the box's width and height, 0 for none.

    Returns:
        `(x1, y1, x2, y2)` in whole pixels, inside the photo and at least 1 pixel wide and high.
    """
    x1, y1, x2, y2 = box
    left, right = _grow_side(x1, x2, size[0], margin)
    top, bottom = _grow_side(y1, y2, size[1], margin)
    return left, top, right, bottom


def crop(rgb: NDArray[np.uint8], box: Box, margin: float) -> NDArray[np.uint8]:
    """The pixels of a box grown by `margin`.

    Args:
        rgb: uint8 `(H, W, 3)`.
        box: `(x1, y1, x2, y2)` in pixels of `rgb`.
        margin: see `grow_box`.

    Returns:
        uint8 `(h, w, 3)`, a view of `rgb`, never empty.
    """
    height, width = rgb.shape[:2]
    x1, y1, x2, y2 = grow_box(box, (width, height), margin)
    return rgb[y1:y2, x1:x2]


def resize(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Stretch a crop to `height x width` (its ratio is not kept) with Pillow's antialiased bilinear filter.

    Args:
        pixels: uint8 `(h, w, 3)`.

    Returns:
        uint8 `(height, width, 3)`.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def _grow_side(low: float, high: float, limit: int, margin: float) -> tuple[int, int]:
    """One axis of `grow_box`: `0 <= start < end <= limit`."""
    grow = margin * (high - low)
    start = min(max(round(low - grow), 0), limit - 1)
    end = min(max(round(high + grow), start + 1), limit)
    return start, end
