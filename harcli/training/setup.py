"""What a run starts from: which attributes can be learnt, and the network with its pretrained backbone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import ATTRIBUTES
from harcli.datasets.sample import Sample
from harcli.network import DaHar, DaHarConfig


def learnable(labels: NDArray[np.int8], min_positives: int) -> list[str]:
    """The attributes with at least `min_positives` positive labels and any negative one.

    Args:
        labels: `(N, A)` of the training part: 1, 0, -1; columns in the order of `ATTRIBUTES`.
    """
    positives, negatives = (labels == 1).sum(axis=0), (labels == 0).sum(axis=0)
    return [name for i, name in enumerate(ATTRIBUTES) if positives[i] >= max(1, min_positives) and negatives[i]]


def build(config: DaHarConfig, weights: Path | None, seed: int) -> DaHar:
    """The network, its new layers drawn with `seed`, its backbone from a `.safetensors` file.

    `DaHarConfig.stride_on_conv1` must be that of the weights (`harcli.network.backbone.is_original_layout`).

    Raises:
        HarcliError: the file is missing or is of another depth.
    """
    import torch

    from harcli.network.backbone import load_pretrained

    torch.manual_seed(seed)
    model = DaHar(config)
    if weights is not None:
        load_pretrained(model.backbone, weights)
    return model


def spaced(samples: Sequence[Sample], datasets: Sequence[str], count: int) -> list[Sample]:
    """At most about `count` samples of each data set, evenly spaced: for a quick look while training."""
    chosen: list[Sample] = []
    for name in datasets:
        of_set = [s for s in samples if s.dataset == name]
        chosen += of_set[:: max(1, len(of_set) // count)]
    return chosen
