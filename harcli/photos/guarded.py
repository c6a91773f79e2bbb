"""Decode photos of unknown origin: within bounds of memory and time, whatever is in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.photos.apart import can_decode_apart, decode_apart
from harcli.photos.decode import opened, pixels_of
from harcli.photos.errors import PhotoError
from harcli.photos.limits import STANDARD, Cost, Limits, cost_of


def decode_guarded(
    path: Path, limits: Limits = STANDARD, shrink: float = 1.0, room: Callable[[int], None] = lambda _: None
) -> tuple[NDArray[np.uint8], str]:
    """As `decode_noted`, within `limits`. What looks as if it could break them is decoded in another process.

    Args:
        room: is told how many bytes it will take, and waits until there are so many.

    Raises:
        PhotoError: as `decode`; and the photo needs too much memory, or takes too long.
    """
    with opened(path, limits.megapixels, shrink) as image:
        cost = _allowed(image, path, limits)
        room(cost.bytes)
        if not cost.suspicious or not can_decode_apart():
            return pixels_of(image, path)
    return decode_apart(path, limits, cost.bytes, shrink)


def check_header(path: Path, limits: Limits) -> int:
    """How many bytes it will take to decode a photo, by its header.

    Raises:
        PhotoError: the first bytes of the file are not those of a photo within the limits.
    """
    with opened(path, limits.megapixels) as image:
        return _allowed(image, path, limits).bytes


def _allowed(image: Image.Image, path: Path, limits: Limits) -> Cost:
    cost = cost_of(image, path)
    if cost.bytes > limits.bytes:
        raise PhotoError(
            path, f"needs {cost.bytes / 1e9:.2g} GB of memory to be decoded; raise --max-memory to read it"
        )
    return cost
