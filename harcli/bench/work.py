"""What a network computes for one image: multiply-accumulates, counted; and in which precision."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harcli.bench.network import Network

_CONVOLUTIONS = {"Conv", "QLinearConv", "ConvInteger"}
_PRODUCTS = {"MatMul", "Gemm", "QLinearMatMul", "MatMulInteger", "QGemm", "MatMulNBits"}
_WHOLE_NUMBERS = ("Quantize", "QLinear", "Dequantize", "Integer", "DynamicQuantize")

Node = dict[str, Any]
"""`args` of a node in ONNX Runtime's profile."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one image costs.

    Attributes:
        macs: multiply-accumulates of convolutions and matrix products; norms, activations and re-sampling are not
            counted, as is usual.
        precision: `fp32`, `fp16` or `int8`; that of the products, so weights that are only stored in half are `fp32`.
    """

    macs: int
    precision: str


def work(network: Network) -> Work:
    """Run the network once on one image as it stands in the file, and count what ONNX Runtime's profile says."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    # Optimised, convolutions would have other names, and weights in blocks with padding.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_profiling = True
    with tempfile.TemporaryDirectory() as folder:
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = ort.InferenceSession(str(network.file), options, providers=["CPUExecutionProvider"])
        batch = network.batch_of(1)
        session.run(network.outputs, {network.input: network.images(1, np.random.default_rng(0))})
        profile = Path(session.end_profiling())
        nodes = list(_nodes(json.loads(profile.read_text(encoding="utf-8"))))
    return Work(sum(map(macs, nodes)) // batch, precision(nodes))


def macs(node: Node) -> int:
    """Multiply-accumulates of one node; 0 for what is no convolution and no product."""
    operator, [out, *_] = node["op_name"], _shapes(node["output_type_shape"])
    inputs = [shape for shape in _shapes(node["input_type_shape"]) if len(shape) > 1]  # without scales, zeros, biases
    if operator in _CONVOLUTIONS:
        return math.prod(out) * math.prod(inputs[1][1:])
    if operator == "ConvTranspose":
        return math.prod(inputs[0]) * math.prod(inputs[1][1:])
    if operator in ("Gemm", "QGemm"):  # whose factors may be transposed
        return math.prod(out) * (math.prod(inputs[0]) // out[0])
    if operator in _PRODUCTS and inputs:
        return math.prod(out) * inputs[0][-1]
    return 0


def precision(nodes: Iterable[Node]) -> str:
    """That in which most products are computed."""
    seen = list(nodes)
    if any(name in node["op_name"] for node in seen for name in _WHOLE_NUMBERS):
        return "int8"
    half = sum(macs(node) for node in seen if "float16" in node["input_type_shape"][0])
    return "fp16" if half * 2 > sum(map(macs, seen)) else "fp32"


def _nodes(events: Iterable[dict[str, Any]]) -> Iterable[Node]:
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            args: Node = event["args"]
            if args["output_type_shape"]:
                yield args


def _shapes(types: Sequence[dict[str, list[int]]]) -> list[list[int]]:
    """`[{"float": [1, 3]}]` -> `[[1, 3]]`"""
    return [shape for each in types for shape in each.values()]
