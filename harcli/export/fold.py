"""The factor of each self-mask, moved into the weights that read it, so that it costs nothing when the network runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnx

    Readers = Mapping[str, Sequence[onnx.NodeProto]]

FACTOR = 2.0
"""Of `SelfMask`: `x * (2 * sigmoid(mask))`."""
_SELF_MASKS = "self_masks."
"""In the names of their weights."""
_LINEAR = ("AveragePool", "GlobalAveragePool", "ReduceMean", "Reshape", "Flatten", "Resize")
"""Operators that give `factor * y` for `factor * x`."""


def fold_factors(proto: onnx.ModelProto) -> int:
    """Fold the factor of each self-mask into the layers behind it, in place; returns how many were folded.

    What reads such a product is convolutions and matrix products, directly or through means, so their weights are
    multiplied instead: the same function without a pass over each stage's features and, in ONNX Runtime's blocked
    layout, without two changes of layout around it. Multiplying by a power of two changes no bit of the result.
    A factor stays where something else reads the product too.
    """
    from onnx import numpy_helper

    weights = {tensor.name: tensor for tensor in proto.graph.initializer}
    readers = _readers(proto)
    folded = 0
    for node in [node for node in proto.graph.node if node.op_type == "Sigmoid"]:
        doubled = next((mul for mul in readers[node.output[0]] if _constant(mul, weights) == FACTOR), None)
        if doubled is None:
            continue
        behind = _weights_behind(doubled.output[0], readers, weights)
        if not behind:
            continue
        for name in behind:
            values = numpy_helper.to_array(weights[name])
            weights[name].CopyFrom(numpy_helper.from_array(values * values.dtype.type(FACTOR), name))
        for product in readers[doubled.output[0]]:
            product.input[:] = [node.output[0] if name == doubled.output[0] else name for name in product.input]
        proto.graph.node.remove(doubled)
        folded += 1
    return folded


def folded_weights(proto: onnx.ModelProto) -> list[str]:
    """Names of the weights that hold `FACTOR`: those behind self-masks whose sigmoid multiplies features as it is."""
    weights = {tensor.name for tensor in proto.graph.initializer}
    weights |= {node.output[0] for node in proto.graph.node if node.op_type == "Cast" and node.input[0] in weights}
    masks = {n.output[0] for n in proto.graph.node if n.op_type == "Conv" and _SELF_MASKS in n.input[1]}
    readers = _readers(proto)
    sigmoids = [n.output[0] for n in proto.graph.node if n.op_type == "Sigmoid" and n.input[0] in masks]
    return [
        weight
        for sigmoid in sigmoids
        if all(not weights & set(product.input) for product in readers[sigmoid])
        for weight in _weights_behind(sigmoid, readers, weights)
    ]


def _readers(proto: onnx.ModelProto) -> Readers:
    """The nodes that read each tensor, by its name."""
    readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
    for node in proto.graph.node:
        for name in node.input:
            readers[name].append(node)
    return readers


def _constant(node: onnx.NodeProto, weights: Mapping[str, onnx.TensorProto]) -> float | None:
    """The one number that a product multiplies by; None where there is none."""
    from onnx import numpy_helper

    if node.op_type != "Mul":
        return None
    numbers = [weights[name] for name in node.input if name in weights and np.prod(weights[name].dims) == 1]
    return float(numpy_helper.to_array(numbers[0]).reshape(())) if len(numbers) == 1 else None


def _weights_behind(factor: str, readers: Readers, weights: Collection[str]) -> list[str]:
    """The weights that all products with `factor` come to be multiplied by; none where anything else reads them."""
    found: list[str] = []
    waiting = [product.output[0] for product in readers[factor] if product.op_type == "Mul"]
    if len(waiting) < len(readers[factor]):
        return []
    while waiting:
        name = waiting.pop()
        if not readers.get(name):
            return []  # an output of the model
        for node in readers[name]:
            if node.op_type in ("Conv", "Gemm") and node.input[0] == name and node.input[1] in weights:
                found.append(node.input[1])
            elif node.op_type in _LINEAR and node.input[0] == name:
                waiting.append(node.output[0])
            else:
                return []
    shared = any(len(readers[weight]) > 1 for weight in found)  # would be multiplied for what else it meets
    return [] if shared else found
