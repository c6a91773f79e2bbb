"""Frames as a player shows them: turned by the display matrix, in square pixels, in the right colours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_UNSPECIFIED = 2  # of ISO/IEC 23091-2, for colours
_BT709, _BT601 = 1, 5  # FFmpeg's numbers of the matrices
_HIGH = 720  # lines from which a video that does not say is taken for high definition, as players do
_FULL = 2  # FFmpeg's number of values that use all of 0..255
_SQUARE = 0.01  # pixels this near to being square are


def pixels_of(frame: Any, pixel_ratio: float) -> NDArray[np.uint8]:
    """The pixels of a frame.

    Args:
        frame: PyAV's `VideoFrame`, of any pixel format and depth.
        pixel_ratio: width of a stored pixel by its height.

    Returns:
        uint8 `(H, W, 3)` RGB.
    """
    width = displayed_width(frame.width, pixel_ratio)
    matrix = frame.colorspace
    if matrix == _UNSPECIFIED:
        matrix = _BT709 if frame.height >= _HIGH else _BT601
    rgb = frame.reformat(
        width, frame.height, "rgb24", matrix, matrix, None, frame.color_range, _FULL, threads=1
    ).to_ndarray()
    return np.ascontiguousarray(turned(rgb, frame.side_data.get("DISPLAYMATRIX")))


def displayed_width(width: int, pixel_ratio: float) -> int:
    """How many pixels wide the picture is, where a stored pixel is not square."""
    if not math.isfinite(pixel_ratio) or not 0.1 < pixel_ratio < 10 or abs(pixel_ratio - 1) < _SQUARE:
        return width
    return max(1, round(width * pixel_ratio))


def turned(rgb: NDArray[np.uint8], matrix: Any) -> NDArray[np.uint8]:
    """The picture turned and mirrored by quarter turns.

    Args:
        rgb: uint8 `(H, W, 3)`.
        matrix: of ISO/IEC 14496-12: nine 32-bit integers `a b u c d v x y w`, by which a stored point (p, q) is shown
            at (a p + c q, b p + d q); None: as it is.

    Returns:
        A view of the same pixels, `(W, H, 3)` after a quarter turn.
    """
    if matrix is None:
        return rgb
    a, b, _, c, d = np.frombuffer(bytes(matrix), "<i4", 5).tolist()
    if abs(b) > abs(a) and abs(c) > abs(d):
        rgb, right, down = rgb.transpose(1, 0, 2), c, b
    else:
        right, down = a, d
    return rgb[:: -1 if down < 0 else 1, :: -1 if right < 0 else 1]
