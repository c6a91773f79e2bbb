"""A person detector in int8, for processors; and what that costs in people found."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.export.lower import folded, quiet
from harcli.export.rounding import Moments, round_weights

if TYPE_CHECKING:
    import onnx

    from harcli.datasets import Sample
    from harcli.people.onnx_detector import OnnxDetector

ALLOWED_LOSS = 0.005
"""Recall of people at least `TALL` pixels tall that int8 may lose against fp32 on held-out people."""

TALL, OVERLAP = 96, 0.5

FIRST_IN_FLOAT = 3
"""Modules that stay float, from the input on. They are the most sensitive, since their channels have the most different
ranges, and gain no time: few channels in many places. The head, which is the last module, stays float too."""

QUANTISED = ("Conv", "Add", "MaxPool", "Resize", "Concat", "Split", "Slice")
"""What computes in int8 besides the SiLU after a convolution. With `Conv` alone, all between two goes back to float."""

LEAST = -5.0
"""SiLU is nearly 0 below this, so what lies lower need not be told apart, and what lies higher can be more finely."""

TAIL = 1e-4
"""The share of each photo's values, at either end, that may lie outside of a range."""

_SAMPLE = 1 << 15
_MODULE = re.compile(r"/model\.(\d+)/")
_ATTENTION = "/attn/"


def lower_detector(proto: onnx.ModelProto, photos: Sequence[NDArray[np.uint8]], long_side: int) -> onnx.ModelProto:
    """The detector in int8, with the same inputs, outputs and metadata: static, QDQ, weights per channel.

    Args:
        proto: a YOLO that Ultralytics has exported, in float32.
        photos: uint8 `(H, W, 3)`, on which the ranges of the activations are found, and how to round the weights.
        long_side: of the input, in pixels.

    Raises:
        HarcliError: the nodes have not the names by which its modules are known.
    """
    import onnx
    from onnxruntime.quantization import QuantType
    from onnxruntime.quantization.calibrate import CalibrationMethod, TensorData, TensorsData
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
    from onnxruntime.quantization.quant_utils import load_model_with_shape_infer

    with tempfile.TemporaryDirectory() as folder, quiet():
        path = folded(proto, Path(folder) / "plain.onnx")
        plain = onnx.load(path)
        nodes = in_int8(plain)
        shapes = {tensor.name: tensor.dims for tensor in plain.graph.initializer}
        convolutions = [node for node in nodes if node.op_type == "Conv"]
        moments = Moments(convolutions, shapes)
        found = _ranges(plain, nodes, _inputs(photos, long_side), moments)
        data = {
            name: TensorData(lowest=np.float32(low), highest=np.float32(high)) for name, (low, high) in found.items()
        }
        quantizer = QDQQuantizer(
            load_model_with_shape_infer(path),
            per_channel=True,
            reduce_range=False,
            weight_qType=QuantType.QInt8,
            activation_qType=QuantType.QUInt8,
            tensors_range=TensorsData(CalibrationMethod.MinMax, data),
            nodes_to_quantize=[node.name for node in nodes],
            nodes_to_exclude=[],
            op_types_to_quantize=sorted({node.op_type for node in nodes}),
            extra_options={},
        )
        quantizer.quantize_model()
        quantizer.model.topological_sort()
    lowered: onnx.ModelProto = quantizer.model.model
    round_weights(lowered, plain, moments, [node.input[1] for node in convolutions])
    del lowered.metadata_props[:]
    lowered.metadata_props.extend(proto.metadata_props)
    return lowered


def in_int8(plain: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The nodes that compute in int8.

    Raises:
        HarcliError: as `lower_detector` says.
    """
    module = {node.name: int(known[1]) for node in plain.graph.node if (known := _MODULE.match(node.name))}
    if not module:
        raise HarcliError("int8 needs a YOLO that Ultralytics exported: its nodes are named /model.0/... on")
    inner = range(FIRST_IN_FLOAT, max(module.values()))
    # Blocks with attention stay float: small, and after the first modules what int8 harms most.
    attentive = tuple({name.partition(_ATTENTION)[0] + "/" for name in module if _ATTENTION in name})

    def is_body(node: onnx.NodeProto) -> bool:
        if module.get(node.name) not in inner or node.name.startswith(attentive):
            return False
        if node.op_type in ("Sigmoid", "Mul"):
            return "/act/" in node.name
        return node.op_type in QUANTISED

    return [node for node in plain.graph.node if is_body(node)]


def _inputs(photos: Sequence[NDArray[np.uint8]], long_side: int) -> Iterator[NDArray[np.float32]]:
    """What the network is given for each photo, `(1, 3, H, W)`."""
    from harcli.people.letterbox import letterbox, rectangle

    for photo in photos:
        image, _ = letterbox(photo, *rectangle(photo.shape[0], photo.shape[1], long_side))
        yield image.transpose(2, 0, 1)[None].astype(np.float32, order="C") / np.float32(255)


def _ranges(
    plain: onnx.ModelProto, nodes: Sequence[onnx.NodeProto], images: Iterable[NDArray[np.float32]], moments: Moments
) -> dict[str, tuple[float, float]]:
    """Least and greatest value to tell apart, by tensor; 0 is always among them. `moments` are told what is seen."""
    import onnx

    from harcli.export.onnx_file import run_each

    weights = {tensor.name for tensor in plain.graph.initializer}
    names = {name for node in nodes for name in (*node.input, *node.output) if name} - weights
    known = {end.name for end in (*plain.graph.input, *plain.graph.output)}
    open_up = onnx.ModelProto()
    open_up.CopyFrom(plain)
    open_up.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in sorted(names - known))
    found: dict[str, list[NDArray[np.floating]]] = {}
    for values in run_each(open_up, sorted(names - known), images):
        moments.add(values)
        for name, value in values.items():
            if value.dtype == np.float32:
                sample = np.sort(value.ravel()[:: max(1, value.size // _SAMPLE) | 1])
                found.setdefault(name, []).append(sample[[round(q * (len(sample) - 1)) for q in (TAIL, 1 - TAIL)]])
    before_silu = {node.input[0] for node in nodes if node.op_type == "Sigmoid"}
    ranges = {}
    for name, ends in found.items():
        low, high = min(0.0, *(float(end[0]) for end in ends)), max(0.0, *(float(end[1]) for end in ends))
        ranges[name] = (max(low, LEAST) if name in before_silu else low, high)
    for node in reversed(nodes):
        if node.op_type == "Concat":  # else each part would be rounded once for itself and once more for the whole
            ranges |= dict.fromkeys(ranges.keys() & set(node.input), ranges[node.output[0]])
    return ranges | {node.output[0]: (0.0, 1.0) for node in nodes if node.op_type == "Sigmoid"}


def recall(detector: OnnxDetector, people: Sequence[Sample]) -> tuple[float, int]:
    """Which share, 0..1, of the people at least `TALL` pixels tall it finds, and how many these are.

    Raises:
        HarcliError: nobody is that tall.
    """
    from harcli.people.nms import iou
    from harcli.photos.decode import decode

    hits = []
    for person in people:
        if person.box is None or person.box[3] - person.box[1] < TALL:
            continue
        boxes = np.array([found.box for found in detector.detect([decode(person.image)])[0]]).reshape(-1, 4)
        hits.append(bool((iou(boxes, np.array([person.box])) >= OVERLAP).any()))
    if not hits:
        raise HarcliError(f"none of the held-out people has a box of {TALL} pixels or more: name another data set")
    return sum(hits) / len(hits), len(hits)


def check_recall(before: float, after: float) -> None:
    """Raises HarcliError where recall fell by more than `ALLOWED_LOSS`."""
    if not before - after <= ALLOWED_LOSS:
        raise HarcliError(
            f"int8 finds {after:.4f} of the held-out people, fp32 {before:.4f}: more than {ALLOWED_LOSS} is lost, "
            "so nothing was written"
        )
