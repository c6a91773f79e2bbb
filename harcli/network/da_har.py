"""Da-HAR, whole (paper, Figure 3 and Table 3). The paper leaves sizes open; docs/da-har.md says what is our reading.

With ResNet-101 and 14 attributes the baseline (backbone and attention head) has 45,436,010 parameters and Da-HAR
52,410,987, the paper's 45.4 M and 52.4 M.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from harcli.network.backbone import LITE, RESNET, Backbone
from harcli.network.efficientnet_lite import EfficientNetLite2
from harcli.network.fusion import Fusion
from harcli.network.masked_attention import AttentionHead, MaskBranch
from harcli.network.self_mask import SelfMask


@dataclass(frozen=True, slots=True)
class DaHarConfig:
    """One row of the paper's Table 3: every block is one switch.

    Attributes:
        attributes: A, how many attributes are predicted.
        depth: of the ResNet: 18, 34, 50, 101 (the paper's) or 152.
        attention: side branch with the attention head; without it there is no fusion and no masked attention either,
            and, without self-masks, the network is a plain ResNet classifier.
        self_mask: self-mask blocks after layer1 to layer4.
        fusion: the side branch sees all stages ("multi-level feature"), not layer3 alone.
        masked_attention: mask branch in front of the attention head.
        stride_on_conv1: see `Backbone`.
        backbone: `resnet`, or `efficientnet-lite2` (depth is then of no meaning).
        width: channels that the fusion gives each stage; the attention head has twice as many. 256 fits a ResNet-101.
        dropout: share of the main network's pooled features that is dropped in training.
    """

    attributes: int
    depth: int = 101
    attention: bool = True
    self_mask: bool = True
    fusion: bool = True
    masked_attention: bool = True
    stride_on_conv1: bool = False
    backbone: str = RESNET
    width: int = 256
    dropout: float = 0.0


class DaHarOutput(NamedTuple):
    """What one forward pass gives.

    logits `(N, A)`: the mean of main and side, the prediction; main `(N, A)`; side `(N, A)` or None without attention;
    mask `(N, 1, H/16, W/16)`: logits of the person mask, or None without masked attention; attention
    `(N, A, H/16, W/16)`: where each attribute is looked for, weights that sum to 1, or None without attention.
    """

    logits: Tensor
    main: Tensor
    side: Tensor | None
    mask: Tensor | None
    attention: Tensor | None = None


class DaHar(nn.Module):
    """Images `(N, 3, H, W)`, normalised RGB, H and W multiples of 16 -> `DaHarOutput`."""

    def __init__(self, config: DaHarConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone: Backbone | EfficientNetLite2 = (
            EfficientNetLite2() if config.backbone == LITE else Backbone(config.depth, config.stride_on_conv1)
        )
        channels: tuple[int, ...] = self.backbone.channels
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(config.dropout)
        self.fc = nn.Linear(channels[3], config.attributes)
        nn.init.normal_(self.fc.weight, 0.0, 0.01)
        nn.init.zeros_(self.fc.bias)
        self.self_masks = nn.ModuleList(SelfMask(c) for c in channels) if config.self_mask else None
        self.fusion = Fusion(channels, config.width) if config.attention and config.fusion else None
        fused = self.fusion.out_channels if self.fusion else channels[2]
        masked = config.attention and config.masked_attention
        self.mask_branch = MaskBranch(fused, config.width) if masked else None
        self.head = AttentionHead(fused, config.attributes, 2 * config.width) if config.attention else None

    def features(self, images: Tensor) -> list[Tensor]:
        """The four stages' outputs, self-masked: strides 4, 8, 16, 32."""
        x = self.backbone.stem(images)  # (N, 64, H/4, W/4)
        features = []
        for i, stage in enumerate(self.backbone.stages()):
            x = stage(x)
            if self.self_masks is not None:
                x = self.self_masks[i](x)
            features.append(x)
        return features

    def forward(self, images: Tensor) -> DaHarOutput:
        features = self.features(images)
        main = self.fc(self.dropout(self.pool(features[3]).flatten(1)))  # (N, A)
        if self.head is None:
            return DaHarOutput(main, main, None, None)
        x = self.fusion(features) if self.fusion is not None else features[2]  # (N, 1024, H/16, W/16)
        mask = None
        if self.mask_branch is not None:
            mask = self.mask_branch(x)  # (N, 1, H/16, W/16)
            x = x * mask.sigmoid()
        side, attention = self.head(x)
        return DaHarOutput((main + side) / 2, main, side, mask, attention)  # averaged as logits, as DIAA's code does
