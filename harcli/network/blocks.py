"""Layers that several blocks share: the residual bottleneck, and the paper's initialisation."""

from __future__ import annotations

from torch import Tensor, nn


def conv_bn_relu(channels: int, width: int, kernel: int = 1) -> list[nn.Module]:
    """Convolution without bias, batch norm, ReLU: `(N, channels, H, W)` -> `(N, width, H, W)`, for `nn.Sequential`."""
    conv = nn.Conv2d(channels, width, kernel, padding=kernel // 2, bias=False)
    return [conv, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]


class Bottleneck(nn.Module):
    """Residual block 1x1, 3x3, 1x1 that keeps size and channels: `(N, C, H, W)` -> `(N, C, H, W)`.

    The inner width is a quarter of C (He et al. 2016, Figure 5).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        width = channels // 4
        self.body = nn.Sequential(
            *conv_bn_relu(channels, width),
            *conv_bn_relu(width, width, 3),
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
