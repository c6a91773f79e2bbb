"""Self-mask block: the coarse step (paper, Coarse Distraction-Aware Learning)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from harcli.network.blocks import conv_bn_relu, init_gaussian


class SelfMask(nn.Module):
    """Weighs features by a mask that is computed from themselves: `(N, C, H, W)` -> `(N, C, H, W)`.

    The mask block is a stack of three 1x1 convolutions with batch norms, "constructed similar to a residual block".
    The paper leaves open how mask and features join. Here: `x * 2 * sigmoid(mask)`, a factor in 0..2. The weight of the
    last batch norm is Gaussian noise as well, so the factor starts at 1 and pretrained features pass unchanged;
    a plain `x * sigmoid(mask)` would halve them at each of four stages.
    Every channel has a mask of its own, which gives the paper's parameter count.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        width = channels // 4
        last = nn.BatchNorm2d(channels)
        self.mask = nn.Sequential(
            *conv_bn_relu(channels, width),
            *conv_bn_relu(width, width),
            nn.Conv2d(width, channels, 1, bias=False),
            last,
        )
        init_gaussian(self)
        nn.init.normal_(last.weight, 0.0, 0.01)

    def forward(self, x: Tensor) -> Tensor:
        return x * (2 * torch.sigmoid(self.mask(x)))
