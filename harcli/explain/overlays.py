"""Maps laid over a person crop, as RGB pictures in 0..1 of the crop's size `(h, w, 3)`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.explain.maps import Map
from harcli.explain.palette import colours

Picture = NDArray[np.float32]


def enlarge(values: Map, height: int, width: int) -> Map:
    """A map `(h, w)` at the crop's size, smoothed (bicubic), in the range of its own values."""
    smooth = np.asarray(Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC))
    return np.asarray(smooth.clip(values.min(), values.max()), dtype=np.float32)


def dimmed(crop: Picture, light: float, of_white: float = 0.0) -> Picture:
    """The crop in grey, at `light` of its brightness, lifted towards white by `of_white`."""
    grey = crop @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.repeat((grey * light * (1 - of_white) + of_white)[..., None], 3, axis=2)


def spotlight(crop: Picture, weights: Map) -> Picture:
    """The crop where the weights are 1, faint where they are 0; faint, not dark: many clothes are black."""
    w = enlarge(weights, *crop.shape[:2])[..., None]
    return np.asarray(crop * w + dimmed(crop, 1.0, 0.75) * (1 - w), dtype=np.float32)


def brighter_half(crop: Picture, values: Map) -> Picture:
    """The crop where a map is above its median (paper, Figure 4), faint elsewhere."""
    return spotlight(crop, (enlarge(values, *crop.shape[:2]) > np.median(values)).astype(np.float32))


def heat(crop: Picture, values: Map, top: float) -> Picture:
    """Values 0..`top` as heat over the dimmed crop; the hotter, the less of the crop is left."""
    share = (enlarge(values, *crop.shape[:2]) / np.float32(max(top, 1e-12))).clip(0, 1)
    return _blend(dimmed(crop, 0.7), colours("heat", 0.25 + 0.75 * share), 0.9 * share**0.6)


def around_one(crop: Picture, factors: Map, reach: float) -> Picture:
    """Factors 1 - `reach` .. 1 + `reach` in a diverging scale over the faint crop; 1 is white."""
    deviation = ((enlarge(factors, *crop.shape[:2]) - 1) / np.float32(reach)).clip(-1, 1)
    return _blend(dimmed(crop, 1.0, 0.3), colours("diverging", (deviation + 1) / 2), np.full_like(deviation, 0.8))


def grey(values: Map, height: int, width: int) -> Picture:
    """Values 0..1 as black to white, smoothed."""
    return np.repeat(enlarge(values, height, width)[..., None], 3, axis=2)


def _blend(below: Picture, above: Picture, opacity: NDArray[np.floating[Any]]) -> Picture:
    return np.asarray(below * (1 - opacity[..., None]) + above * opacity[..., None], dtype=np.float32)
