"""Fusion block: features of all stages at one size (paper, Multi-Level Feature Aggregation)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harcli.network.blocks import Bottleneck, init_gaussian


def resample(x: Tensor, size: tuple[int, int]) -> Tensor:
    """`(N, C, h, w)` -> `(N, C, *size)`: mean of the covered pixels when shrinking, bilinear when growing."""
    if (x.shape[2], x.shape[3]) == size:
        return x
    if x.shape[2] > size[0]:
        return F.adaptive_avg_pool2d(x, size)
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class Fusion(nn.Module):
    """Stage features `[(N, C_i, h_i, w_i)]` -> `(N, len(channels) * width, H, W)` with H, W of the third stage.

    Three components as in the paper: a 1x1 convolution for the channels, a re-sampling layer for the scale, a residual
    block "to alleviate the aliasing effect of up-sampling". A 1x1 convolution and a re-sampling commute, so large maps
    are shrunk first: the same function for a sixteenth of the work (in training, the batch norm after the convolution
    then takes its statistics from shrunk maps).
    """

    def __init__(self, channels: Sequence[int], width: int = 256) -> None:
        super().__init__()
        self.reduce = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, width, 1, bias=False), nn.BatchNorm2d(width)) for c in channels
        )
        self.refine = nn.ModuleList(Bottleneck(width) for _ in channels)
        self.out_channels = width * len(channels)
        init_gaussian(self)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        size = (features[2].shape[2], features[2].shape[3])
        fused = []
        for x, reduce, refine in zip(features, self.reduce, self.refine, strict=True):
            x = reduce(resample(x, size)) if x.shape[2] > size[0] else resample(reduce(x), size)
            fused.append(refine(x))
        return torch.cat(fused, dim=1)
