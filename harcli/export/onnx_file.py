"""Write Da-HAR as ONNX: input `images`, output `probabilities`, metadata in JSON."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from harcli.errors import HarcliError
from harcli.network import DaHar
from harcli.recognition.metadata import KEY, ModelMetadata
from harcli.runtime.unchanged import graph_property

if TYPE_CHECKING:
    import onnx

OPSET = 18
MIN_HALF_ELEMENTS = 1024  # smaller tensors (norms, biases) stay float32: nothing to save, precision to lose


class Probabilities(nn.Module):
    """`(N, 3, H, W)` -> `(N, A)` in 0..1, the mean of main and side logits through a sigmoid."""

    def __init__(self, model: DaHar) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        probabilities: Tensor = self.model(images).logits.sigmoid()
        return probabilities


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


def to_onnx(model: DaHar, height: int, width: int) -> onnx.ModelProto:
    """The network as an ONNX model with a dynamic batch and fixed `height` x `width`."""
    module = Probabilities(model).eval()
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
            output_names=["probabilities"],
            opset_version=OPSET,
            verbose=False,
        )
    if program is None:
        raise HarcliError("torch could not export this network to ONNX; install the versions that harcli[train] names")
    proto: onnx.ModelProto = program.model_proto
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


def write(proto: onnx.ModelProto, metadata: ModelMetadata, path: Path) -> None:
    """Check the model, put the metadata in and write one file, whole or not at all."""
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
    onnx.helper.set_model_props(proto, {KEY: metadata.to_json(), **graph_property(proto.SerializeToString())})
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


def run_bytes(proto: onnx.ModelProto, images: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, Any]:
    """Probabilities `(N, A)` of normalised images `(N, 3, H, W)` by ONNX Runtime on the CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    output: np.ndarray[Any, Any] = session.run(["probabilities"], {"images": images})[0]
    return output
