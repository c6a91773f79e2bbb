"""A model file back into the torch network that it was exported from, so that training can go on.

The exporter keeps the names of the weights and folds each batch norm into the convolution before it: the norm's scale
is in the weights, its shift is the convolution's bias. Here the norm gets the shift back and leaves the rest alone. The
statistics of activations are lost, so the norm must not look at batches again: see `TrainConfig.fixed_norms`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from harcli.errors import HarcliError
from harcli.export.fold import FACTOR, folded_weights
from harcli.export.onnx_file import Outputs, run_bytes
from harcli.export.parity import FP32_TOLERANCE
from harcli.network import DaHar, DaHarConfig
from harcli.network.backbone import LITE, RESNET
from harcli.recognition.metadata import ModelMetadata
from harcli.recognition.model import AttributeModel

if TYPE_CHECKING:
    import onnx

Arrays = dict[str, NDArray[np.float32]]

_ROOT = "model."
_DEPTHS = {(2, False): 18, (6, False): 34, (6, True): 50, (23, True): 101, (36, True): 152}
"""By the number of blocks in layer3, and whether they have three convolutions."""


def restore(spec: str | Path) -> tuple[DaHar, ModelMetadata]:
    """The network, in evaluation mode, and what the file says about itself; calibration stays in the last layers.

    Args:
        spec: as of `AttributeModel.load`.

    Raises:
        HarcliError: there is no such model, it is in a lower precision, or `harcli export-onnx` did not make it.
    """
    import onnx

    opened = AttributeModel.load(spec, provider="cpu", precision="fp32")
    path = opened.path
    assert path is not None
    if opened.precision != "fp32":
        raise HarcliError(f"{path}: is in {opened.precision}, from which no training can start; give the model in fp32")
    proto = onnx.load(str(path))
    strange = f"{path}: its weights do not fit a network of harcli, so no training can start from it"
    try:
        model = _network(proto)
    except (KeyError, RuntimeError) as error:
        raise HarcliError(strange) from error
    size = opened.metadata.input
    # What could be told wrong from the names alone, a stride for example, shows here.
    patches = np.random.default_rng(0).standard_normal((2, 3, size.height // 16, size.width // 16)).astype(np.float32)
    images = patches.repeat(16, axis=2).repeat(16, axis=3)  # noise of single pixels would look alike to it
    with torch.inference_mode():
        ours = Outputs(model, _mirrored(proto))(torch.from_numpy(images))[0].numpy()
    if not np.abs(ours - run_bytes(proto, images)[0]).max() <= FP32_TOLERANCE:
        raise HarcliError(strange)
    return model, opened.metadata


def _network(proto: onnx.ModelProto) -> DaHar:
    """Raises KeyError or RuntimeError if the weights are not those of a network of ours."""
    weights, shifts = _weights(proto)
    model = DaHar(_config(weights, proto))
    for before, norm, module in _norms(model):
        if f"{norm}.weight" not in weights:
            ones = np.ones(module.num_features, np.float32)
            weights[f"{norm}.weight"], weights[f"{norm}.bias"] = ones, shifts.get(before, 0 * ones)
            weights[f"{norm}.running_mean"], weights[f"{norm}.running_var"] = 0 * ones, ones - np.float32(module.eps)
    state = model.state_dict()
    for name, value in state.items():
        layer, _, kind = name.rpartition(".")
        if kind == "bias" and name not in weights:
            weights[name] = shifts.get(layer, np.zeros(len(value), np.float32))
        if kind != "num_batches_tracked":
            state[name] = torch.from_numpy(weights[name].copy()).reshape(value.shape)
    model.load_state_dict(state)
    return model.eval()


def _weights(proto: onnx.ModelProto) -> tuple[Arrays, Arrays]:
    """The file's tensors by their names in the network; and biases by the name of their layer.

    The exporter leaves out biases that are 0, and keeps one of two equal ones, so their own names do not tell.
    """
    from onnx import TensorProto, numpy_helper

    floats = (TensorProto.FLOAT, TensorProto.FLOAT16)
    tensors = {
        tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor).astype(np.float32)
        for tensor in proto.graph.initializer
        if tensor.data_type in floats
    }
    layers = [node.input for node in proto.graph.node if node.op_type in ("Conv", "Gemm") and len(node.input) == 3]
    shifts = {_ours(weight).removesuffix(".weight"): tensors[bias] for _, weight, bias in layers}
    for name in folded_weights(proto):
        tensors[name] = tensors[name] / np.float32(FACTOR)
    return {_ours(name): value for name, value in tensors.items()}, shifts


def _ours(name: str) -> str:
    """A tensor's name in the network: the exporter wraps it once, or twice where mirror images are seen too."""
    while name.startswith(_ROOT):
        name = name.removeprefix(_ROOT)
    return name


def _mirrored(proto: onnx.ModelProto) -> bool:
    return any(tensor.name.startswith(2 * _ROOT) for tensor in proto.graph.initializer)


def _norms(model: DaHar) -> Iterator[tuple[str, str, nn.BatchNorm2d]]:
    """Each norm, behind the names of the convolution that it follows and its own."""
    layers = [(name, m) for name, m in model.named_modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    for (before, _), (name, module) in itertools.pairwise(layers):
        if isinstance(module, nn.BatchNorm2d):
            yield before, name, module


def _config(weights: Arrays, proto: onnx.ModelProto) -> DaHarConfig:
    """What the network is made of, by the names and shapes of its weights. Dropout leaves no trace, so it is 0."""
    lite = "backbone.conv1.0.weight" in weights
    blocks = {name.split(".")[2] for name in weights if name.startswith("backbone.layer3.")}
    depth = 101 if lite else _DEPTHS[len(blocks), "backbone.layer3.0.conv3.weight" in weights]
    strides = {_ours(node.input[1]): node.attribute for node in proto.graph.node if node.op_type == "Conv"}
    first = strides.get("backbone.layer2.0.conv1.weight", ())
    widths = (("fusion.reduce.0.0.weight", 1), ("mask_branch.body.2.weight", 1), ("head.attention.0.weight", 2))
    return DaHarConfig(
        len(weights["fc.weight"]),
        depth,
        attention="head.confidence.weight" in weights,
        self_mask="self_masks.0.mask.0.weight" in weights,
        fusion="fusion.reduce.0.0.weight" in weights,
        masked_attention="mask_branch.body.2.weight" in weights,
        stride_on_conv1=depth >= 50 and any(a.name == "strides" and list(a.ints) == [2, 2] for a in first),
        backbone=LITE if lite else RESNET,
        width=next((len(weights[name]) // times for name, times in widths if name in weights), 256),
    )
