"""RGB pixels come strip by strip: the same as in one piece, and with less memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from PIL import Image

from harcli.photos import modes
from harcli.photos.modes import rgb_pixels, rgb_strips


def noise(*shape: int, high: int = 256) -> np.ndarray:
    return np.random.default_rng(3).integers(0, high, shape)


IMAGES = {
    "L": Image.fromarray(noise(37, 23).astype(np.uint8)),
    "RGB": Image.fromarray(noise(37, 23, 3).astype(np.uint8)),
    "RGBA": Image.fromarray(noise(37, 23, 4).astype(np.uint8)),
    "CMYK": Image.fromarray(noise(37, 23, 4).astype(np.uint8), "CMYK"),
    "P": Image.fromarray(noise(37, 23, 3).astype(np.uint8)).quantize(9),
    "1": Image.fromarray(noise(37, 23).astype(np.uint8)).convert("1"),
    "I;16": Image.fromarray(noise(37, 23, high=65536).astype(np.uint16)),
    "I": Image.fromarray(noise(37, 23, high=2**20).astype(np.int32)),
    "F": Image.fromarray((noise(37, 23) / 300).astype(np.float32)),
}


@pytest.mark.parametrize("turn", [None, *Image.Transpose])
@pytest.mark.parametrize("mode", IMAGES)
def test_strips_make_up_the_whole(mode: str, turn: Image.Transpose | None, monkeypatch: pytest.MonkeyPatch) -> None:
    image = IMAGES[mode]
    assert image.mode == mode
    whole = rgb_pixels(image)
    expected = Image.fromarray(whole) if turn is None else Image.fromarray(whole).transpose(turn)
    monkeypatch.setattr(modes, "_STRIP", 100)
    assert len(list(rgb_strips(image, turn))) > 5
    assert np.array_equal(rgb_pixels(image, turn), np.asarray(expected))


def test_the_largest_value_counts_in_whichever_strip_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "_STRIP", 1)
    for values in (np.array([[0.5], [0.25], [400.0]], np.float32), np.array([[50], [25], [40_000]], np.int32)):
        last = 400 / 65535 if values.dtype == np.float32 else 40_000 / 65535
        assert rgb_pixels(Image.fromarray(values))[:, 0, 0].tolist() == [0, 0, round(last * 255)]


@pytest.mark.parametrize("mode", IMAGES)
def test_beside_the_image_only_its_rgb_pixels_are_held(mode: str) -> None:
    image = IMAGES[mode].resize((3000, 2000))
    tracemalloc.start()
    try:
        pixels = rgb_pixels(image, Image.Transpose.ROTATE_90)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * pixels.nbytes
