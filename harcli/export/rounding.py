"""Weights in int8, each rounded up or down so that what a convolution computes on photos changes least.

Rounding to the nearest whole number is best for a weight alone, not for the sum that it goes into. GPTQ (Frantar et al.
2023) rounds one input after the other and lets those that are still to come make up for the error, by how the inputs go
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

PATCHES = 400
"""Places of each photo at which the inputs of a convolution are looked at."""

DAMPING = 0.01
"""Of the mean second moment, added to each input's own: keeps the inverse tame where inputs are nearly the same."""

MOST = 127


class Moments:
    """How the inputs of each convolution go together: second moments of the patches that its weights meet."""

    def __init__(self, convolutions: Sequence[onnx.NodeProto], shapes: Mapping[str, Sequence[int]]) -> None:
        """
        Args:
            convolutions: two-dimensional, undilated, each with a weight of its own.
            shapes: of the weights, `(out, in / groups, height, width)`, by name.
        """
        self._convolutions = convolutions
        self._shapes = shapes
        self._random = np.random.default_rng(0)
        self._sums: dict[str, NDArray[np.float64]] = {}

    def add(self, values: Mapping[str, NDArray[Any]]) -> None:
        """One photo's inputs `(1, C, H, W)` of all convolutions, by the tensor's name."""
        for node in self._convolutions:
            patches = self._patches(node, values[node.input[0]][0])
            self._sums[node.input[1]] = self._sums.get(node.input[1], 0.0) + patches.transpose(0, 2, 1) @ patches

    def of(self, weight: str) -> NDArray[np.float64]:
        """`(groups, d, d)`, d being what one output sums over: in / groups x height x width."""
        return self._sums[weight]

    def _patches(self, node: onnx.NodeProto, values: NDArray[Any]) -> NDArray[np.float64]:
        """`(groups, PATCHES, d)` from `(C, H, W)`."""
        import onnx

        said = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        top, left, bottom, right = said.get("pads", (0, 0, 0, 0))
        down, across = said.get("strides", (1, 1))
        padded = np.pad(values, ((0, 0), (top, bottom), (left, right)))
        high, wide = self._shapes[node.input[1]][2:]
        seen = np.lib.stride_tricks.sliding_window_view(padded, (high, wide), axis=(1, 2))[:, ::down, ::across]
        rows, columns = (self._random.integers(0, side, PATCHES) for side in seen.shape[1:3])
        patches = seen[:, rows, columns].transpose(1, 0, 2, 3).reshape(PATCHES, said.get("group", 1), -1)
        return patches.transpose(1, 0, 2).astype(np.float64)


def rounded(
    weight: NDArray[np.floating], scale: NDArray[np.floating], moments: NDArray[np.float64]
) -> NDArray[np.int8]:
    """The whole numbers, -127..127, that stand for a convolution's weight.

    Args:
        weight: `(out, in / groups, height, width)`.
        scale: `(out,)`: what 1 stands for.
        moments: of its inputs, see `Moments.of`.
    """
    flat = weight.reshape(len(weight), -1).astype(np.float64)
    parts = zip(*(np.split(each, len(moments)) for each in (flat, scale.astype(np.float64))), moments, strict=True)
    return np.concatenate([_rounded(*part) for part in parts]).reshape(weight.shape).astype(np.int8)


def _rounded(
    weight: NDArray[np.float64], scale: NDArray[np.float64], moments: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of one group, `(out, d)`."""
    own = np.diag(moments)
    order = np.argsort(-own, kind="stable")  # the strongest inputs first, while all others can make up for them
    damped = moments + np.eye(len(own)) * (DAMPING * own.mean() + 1e-12)
    upper = np.linalg.cholesky(np.linalg.inv(damped[order][:, order])).T
    left = weight[:, order].copy()
    whole = np.empty_like(left)
    for place in range(len(own)):
        whole[:, place] = np.clip(np.round(left[:, place] / scale), -MOST, MOST)
        error = (left[:, place] - whole[:, place] * scale) / upper[place, place]
        left[:, place + 1 :] -= np.outer(error, upper[place, place + 1 :])
    back = np.empty_like(whole)
    back[:, order] = whole
    return back


def round_weights(lowered: onnx.ModelProto, plain: onnx.ModelProto, moments: Moments, names: Sequence[str]) -> None:
    """Put better rounded weights into a model that ONNX Runtime's tools have quantised, in place; scales stay.

    Args:
        plain: the model in float32.
        names: the weights, as they are called there.
    """
    from onnx import numpy_helper

    before = {tensor.name: tensor for tensor in plain.graph.initializer}
    after = {tensor.name: tensor for tensor in lowered.graph.initializer}
    for name in names:
        weight, scale = (numpy_helper.to_array(each) for each in (before[name], after[f"{name}_scale"]))
        whole = after[f"{name}_quantized"]
        whole.CopyFrom(numpy_helper.from_array(rounded(weight, scale.ravel(), moments.of(name)), whole.name))
