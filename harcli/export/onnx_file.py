"""Write Da-HAR as ONNX: input `images`, outputs `OUTPUTS`, metadata in JSON."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harcli.errors import HarcliError
from harcli.export.fold import fold_factors
from harcli.network import DaHar
from harcli.network.mirrored import Mirrored
from harcli.recognition.metadata import KEY, ModelMetadata
from harcli.runtime.unchanged import graph_property

if TYPE_CHECKING:
    import onnx

OPSET = 18
OUTPUTS = ("probabilities", "mask", "attention")
"""Tagging asks for the first alone; what `harcli explain` draws stands on the way to it, so it costs nothing."""
MIN_HALF_ELEMENTS = 1024  # smaller tensors (norms, biases) stay float32: nothing to save, precision to lose


class Outputs(nn.Module):
    """`(N, 3, H, W)` -> the tensors of `OUTPUTS` that the network has, in that order.

    Probabilities `(N, A)` are the mean of main and side logits through a sigmoid; mask `(N, 1, H/16, W/16)` is where
    the person is, 0..1; attention `(N, A, H/16, W/16)` where each attribute is looked for, weights that sum to 1.
    """

    def __init__(self, model: DaHar, mirrored: bool = False) -> None:
        """`mirrored`: averaged over each image and its mirror image, see `Mirrored`."""
        super().__init__()
        self.model: nn.Module = Mirrored(model) if mirrored else model

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Of normalised images `(N, 3, H, W)`: probabilities `(N, A)`; the mask `(N, 1, h, w)`, 0..1, and the attention
        `(N, A, h, w)`, each where the network has it."""
        said = self.model(images)
        mask = said.mask.sigmoid() if said.mask is not None else None
        return tuple(x for x in (said.logits.sigmoid(), mask, said.attention) if x is not None)


def output_names(model: DaHar) -> list[str]:
    """The names of what `Outputs` gives for this network."""
    has = (True, model.mask_branch is not None, model.head is not None)
    return [name for name, there in zip(OUTPUTS, has, strict=True) if there]


def keep_attributes(model: DaHar, indices: list[int]) -> None:
    """Drop all outputs but those of `indices`, in place."""
    for layer in (
        model.fc,
        model.head.confidence if model.head else None,
        model.head.attention[-1] if model.head else None,
    ):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            layer.weight = nn.Parameter(layer.weight[indices].detach().clone())
            if layer.bias is not None:
                layer.bias = nn.Parameter(layer.bias[indices].detach().clone())


@torch.no_grad()
def calibrate(model: DaHar, scale: NDArray[np.floating], shift: NDArray[np.floating]) -> None:
    """Make the logits `scale * logits + shift`, `(A,)` each, in place: the last layers take both in.

    The side branch's logit is a mean of confidences, weighted by an attention that sums to 1, so it takes them alike.
    """
    for layer in (model.fc, model.head.confidence if model.head else None):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            factor = torch.as_tensor(scale, dtype=layer.weight.dtype)
            layer.weight.mul_(factor.reshape(-1, *[1] * (layer.weight.ndim - 1)))
            assert layer.bias is not None
            layer.bias.mul_(factor).add_(torch.as_tensor(shift, dtype=layer.bias.dtype))


def to_onnx(model: DaHar, height: int, width: int, mirrored: bool = False) -> onnx.ModelProto:
    """The network as an ONNX model with a dynamic batch and fixed `height` x `width`; `mirrored` as of `Outputs`."""
    module = Outputs(model, mirrored).eval()
    example = torch.zeros(2, 3, height, width)
    batch = torch.export.Dim("batch", min=1, max=4096)
    # The exporter reports its progress on standard output and warns about its own internals.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            (example,),
            dynamo=True,
            dynamic_shapes={"images": {0: batch}},
            input_names=["images"],
            output_names=output_names(model),
            opset_version=OPSET,
            verbose=False,
        )
    if program is None:
        raise HarcliError("torch could not export this network to ONNX; install the versions that harcli[train] names")
    proto: onnx.ModelProto = program.model_proto
    fold_factors(proto)
    return proto


def halve(proto: onnx.ModelProto) -> None:
    """Store large weights as float16, in place; a Cast turns each back, so that all is computed in float32.

    ONNX Runtime folds the casts once, when it opens the file.
    """
    import onnx
    from onnx import numpy_helper

    casts = []
    for tensor in proto.graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or np.prod(tensor.dims) < MIN_HALF_ELEMENTS:
            continue
        name = tensor.name
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half")
        tensor.CopyFrom(half)
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = list(proto.graph.node)
    del proto.graph.node[:]
    proto.graph.node.extend(casts + nodes)


def write(
    proto: onnx.ModelProto, metadata: ModelMetadata, path: Path, further: Mapping[str, str] | None = None
) -> None:
    """Check the model, put the metadata in and write one file, whole or not at all.

    Args:
        further: what else the file says about itself.
    """
    write_with(proto, {KEY: metadata.to_json(), **(further or {})}, path)


def write_with(proto: onnx.ModelProto, properties: Mapping[str, str], path: Path) -> None:
    """As `write`, with these properties and the hash of the graph."""
    import onnx

    for node in proto.graph.node:
        del node.metadata_props[:]  # stack traces with the paths of the machine that exported
        node.doc_string = ""
    del proto.graph.metadata_props[:]
    for values in (proto.graph.value_info, proto.graph.input, proto.graph.output, proto.graph.initializer):
        for value in values:
            del value.metadata_props[:]
    del proto.graph.value_info[:]
    proto.producer_name = "harcli"
    onnx.helper.set_model_props(proto, {**properties, **graph_property(proto.SerializeToString())})
    onnx.checker.check_model(proto)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(proto.SerializeToString())
        temporary.replace(path)
    except OSError as error:
        raise HarcliError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        temporary.unlink(missing_ok=True)


def run_bytes(
    proto: onnx.ModelProto, images: NDArray[np.float32], outputs: Sequence[str] = OUTPUTS[:1]
) -> list[NDArray[np.float32]]:
    """The named outputs for normalised images `(N, 3, H, W)`, by ONNX Runtime on the CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(list(outputs), {"images": images}))


def run_each(
    proto: onnx.ModelProto, outputs: Sequence[str], inputs: Iterable[NDArray[np.float32]]
) -> Iterator[dict[str, NDArray[np.generic]]]:
    """The named outputs for each of the inputs (`images`), by name."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    for images in inputs:
        yield dict(zip(outputs, session.run(list(outputs), {"images": images}), strict=True))
