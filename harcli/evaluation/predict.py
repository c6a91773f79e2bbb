"""Probabilities of labelled people, by a network in torch or by a model file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harcli.datasets.sample import Sample
from harcli.evaluation.view import Size, View, corners
from harcli.photos.crop import crop, resize
from harcli.photos.guarded import decode_guarded

if TYPE_CHECKING:
    from torch import Tensor

    from harcli.datasets.views import Views
    from harcli.network import DaHar
    from harcli.network.mirrored import Mirrored
    from harcli.recognition.model import AttributeModel

Probabilities = NDArray[np.float32]


def predict(
    model: DaHar,
    views: Views,
    batch: int = 32,
    five_crop: Size | None = None,
    numbers: str = "fp32",
    mirrored: bool = False,
) -> Probabilities:
    """Probabilities `(N, A)` of a data set's plain views; the network comes back in the mode it was in.

    Args:
        numbers: what is computed in, see `harcli.network.precision`.
        mirrored: the mirror image of each view is seen too, see `harcli.network.mirrored`.
        five_crop: `(height, width)` of five crops of each view, whose logits are averaged; None: the view as it is.
    """
    import torch
    from torch.utils.data import DataLoader

    from harcli.network.mirrored import Mirrored
    from harcli.network.precision import autocast, precision

    training = model.training
    model.eval()
    device = next(model.parameters()).device
    dtype = precision(numbers, device, (five_crop or views.size)[1])
    look: DaHar | Mirrored = Mirrored(model) if mirrored else model
    rows = []
    with torch.inference_mode(), autocast(device, dtype):
        for item in DataLoader(views, batch):
            images = item.image.to(device, memory_format=torch.channels_last)
            logits = _mean_logits(look, images, five_crop) if five_crop else look(images).logits
            rows.append(logits.float().sigmoid().cpu().numpy())
    model.train(training)
    return np.concatenate(rows) if rows else np.empty((0, model.config.attributes), dtype=np.float32)


def _mean_logits(model: DaHar | Mirrored, images: Tensor, size: Size) -> Tensor:
    """Images `(N, 3, H, W)` -> logits `(N, A)`, averaged over five crops of `size`."""
    import torch

    h, w = size
    places = corners((images.shape[2], images.shape[3]), size)
    each = [model(images[:, :, top : top + h, left : left + w]).logits.float() for top, left in places]
    return torch.stack(each).mean(dim=0)


def predict_onnx(
    model: AttributeModel, samples: Sequence[Sample], batch: int = 64, view: View | None = None
) -> Probabilities:
    """Probabilities `(N, A)` of samples, computed as `harcli tag` does for the same boxes.

    Args:
        view: five crops instead, of the model's input size; their probabilities are averaged as logits.
    """
    rows = []
    for start in range(0, len(samples), batch):
        crops = []
        for sample in samples[start : start + batch]:
            rgb, _ = decode_guarded(sample.image)
            box = sample.box or (0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0]))
            if view is None or view.crop is None:
                crops.append(model.cut(rgb, box))
            else:
                h, w = view.crop
                whole = resize(crop(rgb, box, view.margin), *view.whole)
                crops += [whole[top : top + h, left : left + w] for top, left in corners(view.whole, view.crop)]
        rows.append(model.probabilities(crops))
    p = np.concatenate(rows)
    return p if view is None or view.crop is None else _mean_as_logits(p.reshape(len(samples), 5, -1))


def _mean_as_logits(p: Probabilities) -> Probabilities:
    """Probabilities `(N, 5, A)` -> `(N, A)`."""
    certain = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)  # float32 cannot tell more certain ones from 0 and 1
    logits = np.log(certain / (1 - certain)).mean(axis=1)
    mean: Probabilities = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return mean
