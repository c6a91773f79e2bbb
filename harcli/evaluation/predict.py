"""Probabilities of labelled people, by a network in torch or by a model file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harcli.datasets.sample import Sample
from harcli.photos.decode import decode

if TYPE_CHECKING:
    from harcli.datasets.views import Views
    from harcli.network import DaHar
    from harcli.recognition.model import AttributeModel


def predict(model: DaHar, views: Views, batch: int = 32) -> NDArray[np.float32]:
    """Probabilities `(N, A)` of a data set's plain views; the network comes back in the mode it was in."""
    import torch
    from torch.utils.data import DataLoader

    training = model.training
    model.eval()
    device = next(model.parameters()).device
    rows = []
    with torch.inference_mode():
        for item in DataLoader(views, batch):
            rows.append(model(item.image.to(device)).logits.float().sigmoid().cpu().numpy())
    model.train(training)
    return np.concatenate(rows)


def predict_onnx(model: AttributeModel, samples: Sequence[Sample], batch: int = 64) -> NDArray[np.float32]:
    """Probabilities `(N, A)` of samples, computed as `harcli tag` does for the same boxes."""
    rows = []
    for start in range(0, len(samples), batch):
        crops = []
        for sample in samples[start : start + batch]:
            rgb = decode(sample.image)
            crops.append(model.cut(rgb, sample.box or (0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0]))))
        rows.append(model.probabilities(crops))
    return np.concatenate(rows)
