"""The maps inside a network that say where it looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Maps:
    """What one image gives; each map covers the whole image, at its own stride.

    Attributes:
        probabilities: `(A,)`, 0..1, those of the network's ordinary output.
        mask: `(H/16, W/16)`, 0..1, the mask branch after its sigmoid; None without masked attention.
        attention: `(A, H/16, W/16)`, each map's weights sum to 1; None without an attention head.
        stages: summed features of layer3 `(H/16, W/16)` and of layer4 `(H/32, W/32)`, before their self-masks; None
            from a model file, which does not give them.
        self_masks: for layer1 to layer4 the factor in 0..2 by which the block multiplies, mean over channels,
            `(H/4, W/4)` to `(H/32, W/32)`; empty without self-masks, and from a model file.
    """

    probabilities: Map
    mask: Map | None = None
    attention: Map | None = None
    stages: tuple[Map, Map] | None = None
    self_masks: tuple[Map, ...] = ()
