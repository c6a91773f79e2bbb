"""A picture of which every turn and mirror image differs, and what a camera stores of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

RED, GREEN, BLUE, GREY = (250, 10, 10), (10, 250, 10), (10, 10, 250), (120, 120, 120)

# The inverse of what EXIF asks for.
STORED = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, 1),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p, -1),
}


@pytest.fixture
def scene() -> np.ndarray:
    """uint8 `(48, 80, 3)`, four different quarters."""
    pixels = np.empty((48, 80, 3), np.uint8)
    pixels[:24, :40], pixels[:24, 40:], pixels[24:, :40], pixels[24:, 40:] = RED, GREEN, BLUE, GREY
    return pixels


@pytest.fixture
def stored(scene: np.ndarray) -> Callable[[int], np.ndarray]:
    """What a camera stores for an orientation of 1 to 8, so that the display shows `scene`."""
    return lambda orientation: np.ascontiguousarray(STORED[orientation](scene))
