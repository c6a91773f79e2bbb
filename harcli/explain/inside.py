"""The maps inside a network in torch, read by hooks during one ordinary forward pass."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from harcli.explain.maps import Map, Maps
from harcli.network import DaHar


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
