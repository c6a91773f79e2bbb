"""Boxes and crops."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from harcli.photos.crop import crop, grow_box, resize


@pytest.mark.parametrize(
    ("box", "margin", "expected"),
    [
        ((10, 20, 30, 60), 0.0, (10, 20, 30, 60)),
        ((10, 20, 30, 60), 0.05, (9, 18, 31, 62)),
        ((10.4, 20.6, 30.4, 60.6), 0.0, (10, 21, 30, 61)),
        ((0, 0, 100, 80), 0.1, (0, 0, 100, 80)),
        ((50, 40, 50, 40), 0.5, (50, 40, 51, 41)),
        ((99.9, 79.9, 100, 80), 0.0, (99, 79, 100, 80)),
        ((-20, -30, -10, -5), 0.0, (0, 0, 1, 1)),
        ((500, 500, 600, 600), 0.05, (99, 79, 100, 80)),
    ],
)
def test_grow_box(box: tuple[float, ...], margin: float, expected: tuple[int, ...]) -> None:
    assert grow_box(box, (100, 80), margin) == expected  # type: ignore[arg-type]


def test_crop_takes_the_pixels_of_the_box() -> None:
    rgb = np.arange(80 * 100 * 3, dtype=np.uint32).astype(np.uint8).reshape(80, 100, 3)
    assert np.array_equal(crop(rgb, (10, 20, 30, 60), 0.0), rgb[20:60, 10:30])
    assert crop(rgb, (30, 30, 30, 30), 0.0).shape == (1, 1, 3)


def test_resize_stretches_and_smooths() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::2] = 255
    small = resize(stripes, 8, 16)
    assert small.shape == (8, 16, 3)
    # Without antialiasing, rows would be picked: all black or all white.
    assert np.abs(small[2:-2].astype(int) - 127).max() <= 2
    reference = Image.fromarray(stripes).resize((16, 8), Image.Resampling.BILINEAR)
    assert np.array_equal(small, np.asarray(reference))
