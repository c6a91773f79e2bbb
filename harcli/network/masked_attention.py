"""Masked attention: the fine step (paper, Fine Distraction-Aware Learning)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from harcli.network.blocks import Bottleneck, conv_bn_relu, init_gaussian


class MaskBranch(nn.Module):
    """Predicts where the target person is: `(N, C, H, W)` -> mask logits `(N, 1, H, W)`.

    Two residual blocks on top of a mask block of three 1x1 convolutions, supervised by person masks where there are
    any. `DaHar` multiplies the fused features by the sigmoid of the mask before attention sees them.
    """

    def __init__(self, channels: int, width: int = 256) -> None:
        super().__init__()
        self.body = nn.Sequential(
            Bottleneck(channels),
            Bottleneck(channels),
            *conv_bn_relu(channels, width),
            *conv_bn_relu(width, width),
            nn.Conv2d(width, 1, 1),
        )
        init_gaussian(self)

    def forward(self, x: Tensor) -> Tensor:
        mask: Tensor = self.body(x)
        return mask


class AttentionHead(nn.Module):
    """Confidence-weighted attention (Zhu et al. 2017, SRN): `(N, C, H, W)` -> logits `(N, A)`, maps `(N, A, H, W)`.

    For each attribute a spatial softmax says where to look and a 1x1 convolution what is seen there; the logit is
    their product, summed over the map.
    """

    def __init__(self, channels: int, attributes: int, width: int = 512) -> None:
        super().__init__()
        self.attention = nn.Sequential(
            *conv_bn_relu(channels, width),
            *conv_bn_relu(width, width, 3),
            nn.Conv2d(width, attributes, 1),
        )
        self.confidence = nn.Conv2d(channels, attributes, 1)
        init_gaussian(self)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        scores = self.attention(x)
        maps = torch.softmax(scores.flatten(2), dim=2).view_as(scores)  # positive weights that sum to 1
        logits: Tensor = (maps * self.confidence(x)).sum(dim=(2, 3))
        return logits, maps
