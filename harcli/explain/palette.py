"""Two colour scales, both safe for colour-blind eyes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Matplotlib's inferno (public domain), at 17 places, and ColorBrewer's RdBu (Apache-2.0), from blue over white to red.
_SCALES = {
    "heat": (
        "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 "
        "d24644 e45a31 f1731d f98e09 fcac11 f9cb35 f2ea69 fcffa4"
    ),
    "diverging": "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f",
}


def colours(scale: str, values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Values in 0..1, of any shape, as RGB in 0..1, `(*shape, 3)`.

    Args:
        scale: `heat`, from dark to bright, or `diverging`, from blue to red with white at 0.5.
    """
    anchors = np.array([list(bytes.fromhex(code)) for code in _SCALES[scale].split()], np.float32) / 255
    places = np.linspace(0, 1, len(anchors))
    return np.stack([np.interp(values, places, channel) for channel in anchors.T], axis=-1).astype(np.float32)
