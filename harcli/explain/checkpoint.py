"""A checkpoint of `harcli train`, to look into; needs torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.datasets.transforms import MARGIN, normalise
from harcli.errors import HarcliError
from harcli.explain.inside import look_inside
from harcli.explain.maps import Maps
from harcli.explain.subject import Subject
from harcli.network import checkpoint
from harcli.network.backbone import RESNET
from harcli.photos.crop import resize

THRESHOLD = 0.5  # a checkpoint has no thresholds of its own; `harcli export-onnx` gives them to the model file


def open_checkpoint(path: Path) -> Subject:
    """Open a checkpoint; all parts of the network can be drawn.

    Raises:
        HarcliError: it is none, or does not say its attributes.
    """
    network, about = checkpoint.load(path)
    try:
        train = about["train"]
        height, width = map(int, train.get("full") or train["size"])
        names = tuple(map(str, about["attributes"]))
        margin, mask_weight = float(train.get("margin", MARGIN)), float(train.get("mask_weight") or 0)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HarcliError(f"{path}: does not say its attributes and input size; train it again") from error
    parts = {"self-masks": network.self_masks, "person mask": network.mask_branch, "attention": network.head}
    lacks = tuple(name for name, part in parts.items() if part is None)

    def look(pixels: NDArray[np.uint8]) -> Maps:
        return look_inside(network, normalise(Image.fromarray(resize(pixels, height, width))))

    net = f"ResNet-{network.config.depth}" if network.config.backbone == RESNET else "EfficientNet-Lite2"
    without = f" without {', '.join(lacks)}" if lacks else ""
    return Subject(
        path=path,
        title=f"{path.name}: {net}{without}, input {height}x{width}",
        names=names,
        thresholds=(THRESHOLD,) * len(names),
        margin=margin,
        lacks=lacks,
        has_mask=network.mask_branch is not None,
        look=look,
        mask_weight=mask_weight,
    )
