"""Fit a photo into a detector's input, and bring boxes back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

GREY = 114  # Ultralytics' padding value
_BAND = 1 << 18  # pixels of a photo that are reduced at a time
STRIDE = 32  # both sides of a YOLO's input are multiples of it


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a photo lies in the detector's input.

    The rounding is that of Ultralytics' `LetterBox(auto=False)` (data/augment.py) and `scale_boxes` (utils/ops.py).

    Attributes:
        width, height: the photo, in pixels.
        scale: input pixels per photo pixel.
        inner_width, inner_height: the resized photo, in input pixels; never below 1.
        left, top: its corner in the input.
    """

    width: int
    height: int
    scale: float
    inner_width: int
    inner_height: int
    left: int
    top: int

    @classmethod
    def fit(cls, height: int, width: int, input_height: int, input_width: int) -> Letterbox:
        """Centre a photo of `height x width` in `input_height x input_width`, keeping its ratio."""
        scale = min(input_height / height, input_width / width)
        inner_width, inner_height = max(round(width * scale), 1), max(round(height * scale), 1)
        left, top = round((input_width - inner_width) / 2 - 0.1), round((input_height - inner_height) / 2 - 0.1)
        return cls(width, height, scale, inner_width, inner_height, left, top)

    def to_photo(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes `(N, 4)` xyxy in input pixels, as boxes in photo pixels, clipped to the photo."""
        photo = (boxes - np.array([self.left, self.top, self.left, self.top])) / self.scale
        limits = np.array([self.width, self.height, self.width, self.height])
        clipped: np.ndarray = np.clip(photo, 0, limits)
        return clipped


def rectangle(height: int, width: int, long_side: int) -> tuple[int, int]:
    """The smallest input, `(height, width)`, that holds a photo of `height x width` at `long_side`.

    Both sides are multiples of `STRIDE`, so a folder of photos needs few shapes; a 3:2 photo in a square of the same
    long side would be a third grey. Ultralytics' `LetterBox(auto=True)` chooses the same one.
    """
    scale = long_side / max(height, width)
    high, wide = (max(STRIDE, math.ceil(round(side * scale) / STRIDE) * STRIDE) for side in (height, width))
    return high, wide


def letterbox(image: np.ndarray, input_height: int, input_width: int) -> tuple[np.ndarray, Letterbox]:
    """Resize a photo, keeping its ratio, and pad it with grey.

    Up to a twofold reduction the pixels are those of OpenCV's `INTER_LINEAR`, which Ultralytics trains and predicts
    with: two taps an axis, however large the reduction. That skips pixels of large photos and makes fine patterns
    flicker, so beyond twofold whole blocks of pixels are averaged first.

    Args:
        image: uint8 `(H, W, 3)` RGB.

    Returns:
        uint8 `(input_height, input_width, 3)` RGB, and where the photo lies in it.
    """

    place = Letterbox.fit(image.shape[0], image.shape[1], input_height, input_width)
    canvas = np.full((input_height, input_width, 3), GREY, dtype=np.uint8)
    inner = _resize(image, place)
    canvas[place.top : place.top + place.inner_height, place.left : place.left + place.inner_width] = inner
    return canvas, place


def _resize(image: np.ndarray, place: Letterbox) -> np.ndarray:
    from PIL import Image

    if image.shape[:2] == (place.inner_height, place.inner_width):
        return image  # as the transform would give it, to the bit
    block = int(1 / place.scale)
    photo = _reduced(image, block) if block > 1 else Image.fromarray(image)
    # An affine transform interpolates between the 4 nearest pixels, as OpenCV does; Pillow's own resize() would not.
    block = max(block, 1)
    step_x, step_y = place.width / block / place.inner_width, place.height / block / place.inner_height
    size = (place.inner_width, place.inner_height)
    return np.asarray(
        photo.transform(size, Image.Transform.AFFINE, (step_x, 0, 0, 0, step_y, 0), Image.Resampling.BILINEAR)
    )


def _reduced(image: np.ndarray, block: int) -> Image.Image:
    """As Pillow's `reduce(block)`, band by band: Pillow's copy of a large photo takes 4 bytes a pixel."""
    from PIL import Image

    height, width = image.shape[:2]
    small = Image.new("RGB", (-(-width // block), -(-height // block)))
    rows = block * max(1, _BAND // (block * width))
    for top in range(0, height, rows):
        small.paste(Image.fromarray(image[top : top + rows]).reduce(block), (0, top // block))
    return small
