"""The maps inside Da-HAR that say where it looks, read by hooks during one ordinary forward pass."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harcli.network import DaHar

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Maps:
    """What one image gives; each map covers the whole image, at its own stride.

    Attributes:
        probabilities: `(A,)`, 0..1, those of the network's ordinary output.
        stages: summed features of layer3 `(H/16, W/16)` and of layer4 `(H/32, W/32)`, before their self-masks.
        self_masks: for layer1 to layer4 the factor in 0..2 by which the block multiplies, mean over channels,
            `(H/4, W/4)` to `(H/32, W/32)`; empty without self-masks.
        mask: `(H/16, W/16)`, 0..1, the mask branch after its sigmoid; None without masked attention.
        attention: `(A, H/16, W/16)`, each map's weights sum to 1; None without an attention head.
    """

    probabilities: Map
    stages: tuple[Map, Map]
    self_masks: tuple[Map, ...]
    mask: Map | None
    attention: Map | None


def look_inside(model: DaHar, image: Map) -> Maps:
    """Run a network in evaluation mode on one normalised image `(3, H, W)`, H and W multiples of 16."""
    kept: dict[str, Tensor] = {}

    def keep(name: str, of: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., None]:
        # What is kept is computed at once: later layers may work in place.
        return lambda module, inputs, output: kept.update({name: of(inputs[0], output)})

    backbone = model.backbone
    blocks = [block.get_submodule("mask") for block in model.self_masks or ()]
    with ExitStack() as stack, torch.inference_mode():
        for name, layer in (("layer3", backbone.layer3), ("layer4", backbone.layer4)):
            stack.callback(layer.register_forward_hook(keep(name, lambda x, y: y.sum(1))).remove)
        for i, block in enumerate(blocks):
            hook = keep(f"self-mask {i}", lambda x, y: (2 * y.sigmoid()).mean(1))
            stack.callback(block.register_forward_hook(hook).remove)
        output = model(torch.from_numpy(image)[None])
    return Maps(
        probabilities=_array(output.logits[0].sigmoid()),
        stages=(_array(kept["layer3"][0]), _array(kept["layer4"][0])),
        self_masks=tuple(_array(kept[f"self-mask {i}"][0]) for i in range(len(blocks))),
        mask=_array(output.mask[0, 0].sigmoid()) if output.mask is not None else None,
        attention=_array(output.attention[0]) if output.attention is not None else None,
    )


def _array(values: Tensor) -> Map:
    return np.asarray(values.float().cpu().numpy())
