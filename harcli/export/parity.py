"""Does the ONNX model say what the torch network says?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.export.onnx_file import Outputs, output_names, run_bytes
from harcli.network import DaHar
from harcli.photos.crop import resize
from harcli.recognition.metadata import InputSpec

if TYPE_CHECKING:
    import onnx

FP32_TOLERANCE = 1e-3
HALF_TOLERANCE = 1e-2  # the weights themselves are rounded; well below what a threshold can tell apart


def network_input(crops: Sequence[NDArray[np.uint8]], spec: InputSpec) -> NDArray[np.float32]:
    """Crops, uint8 `(h, w, 3)`, as normalised float32 `(N, 3, H, W)`."""
    pixels = np.stack([resize(c, spec.height, spec.width) for c in crops]).astype(np.float32) / np.float32(255)
    normalised = (pixels - np.array(spec.mean, np.float32)) / np.array(spec.std, np.float32)
    return np.ascontiguousarray(normalised.transpose(0, 3, 1, 2))


def check_parity(
    model: DaHar,
    proto: onnx.ModelProto,
    crops: Sequence[NDArray[np.uint8]],
    spec: InputSpec,
    tolerance: float,
    mirrored: bool = False,
) -> float:
    """The largest difference of any output between torch and ONNX Runtime (CPU, fp32) on real crops.

    Of probabilities and masks it is that of a value, of attention the share of a map's weight that lies elsewhere:
    all are in 0..1. The first crop is also run on its own, which shows that the batch is dynamic.

    Raises:
        HarcliError: there are no crops, or they differ by more than `tolerance`.
    """
    if not crops:
        raise HarcliError("no crops to check the export on; give a folder of photos by --crops")
    images = network_input(crops, spec)
    names = output_names(model)
    with torch.inference_mode():
        expected = [output.numpy() for output in Outputs(model, mirrored).eval()(torch.from_numpy(images))]
    differences = dict.fromkeys(names, 0.0)
    for batch in (images, images[:1]):
        for name, ours, theirs in zip(names, run_bytes(proto, batch, names), expected, strict=True):
            differences[name] = max(differences[name], _difference(name, ours, theirs[: len(batch)]))
    for name, difference in differences.items():
        if not difference <= tolerance:
            raise HarcliError(
                f"the ONNX model differs from torch by {difference:.2g} in {name} (allowed: {tolerance:g}); "
                "nothing was written"
            )
    return max(differences.values())


def _difference(name: str, ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """0..1; not a number where the network gives none."""
    apart = np.abs(ours - theirs)
    return float((apart.sum(axis=(2, 3)) / 2).max() if name == "attention" else apart.max())
