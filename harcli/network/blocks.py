"""Layers that several blocks share: the residual bottleneck, and the paper's initialisation."""

from __future__ import annotations

from torch import Tensor, nn


class Bottleneck(nn.Module):
    """Residual block 1x1, 3x3, 1x1 that keeps size and channels: `(N, C, H, W)` -> `(N, C, H, W)`.

    The inner width is a quarter of C (He et al. 2016, Figure 5).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        width = channels // 4
        self.body = nn.Sequential(
            nn.Conv2d(channels, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.relu(x + self.body(x))
        return out


def init_gaussian(block: nn.Module, sigma: float = 0.01) -> None:
    """Gaussian noise, mean 0, for the convolutions of a new block (paper, Training Details); biases start at 0."""
    for module in block.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, 0.0, sigma)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
