"""Does the ONNX model say what the torch network says?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.export.onnx_file import run_bytes
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
    model: DaHar, proto: onnx.ModelProto, crops: Sequence[NDArray[np.uint8]], spec: InputSpec, tolerance: float
) -> float:
    """The largest difference of any probability between torch and ONNX Runtime (CPU, fp32) on real crops.

    The first crop is also run on its own, which shows that the batch is dynamic.

    Raises:
        HarcliError: there are no crops, or they differ by more than `tolerance`.
    """
    if not crops:
        raise HarcliError("no crops to check the export on; give a folder of photos by --crops")
    images = network_input(crops, spec)
    with torch.inference_mode():
        expected = model.eval()(torch.from_numpy(images)).logits.sigmoid().numpy()
    difference = max(
        float(np.abs(run_bytes(proto, images) - expected).max()),
        float(np.abs(run_bytes(proto, images[:1]) - expected[:1]).max()),
    )
    if not difference <= tolerance:
        raise HarcliError(
            f"the ONNX model differs from torch by {difference:.2g} in a probability (allowed: {tolerance:g}); "
            "nothing was written"
        )
    return difference
