"""Weights that are rounded with an eye on what they are multiplied with."""

import numpy as np
import onnx
import pytest

from harcli.export.rounding import PATCHES, Moments, rounded


@pytest.mark.parametrize("groups", [1, 8])
def test_outputs_change_less_than_by_rounding_each_weight_to_the_nearest(groups: int) -> None:
    random = np.random.default_rng(0)
    weight = random.normal(size=(8, 8 // groups, 3, 3)).astype(np.float32)
    node = onnx.helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1], strides=[2, 2], group=groups)
    moments = Moments([node], {"w": weight.shape})
    smooth = np.repeat(np.repeat(random.normal(size=(1, 8, 10, 10)), 4, 2), 4, 3)  # neighbours are alike
    moments.add({"x": smooth.astype(np.float32)})
    assert moments.of("w").shape == (groups, weight[0].size, weight[0].size)
    scale = np.abs(weight).reshape(8, -1).max(axis=1) / 7  # few steps, so that it matters
    near = np.clip(np.round(weight / scale[:, None, None, None]), -127, 127)

    def error(whole: np.ndarray) -> float:
        off = (weight - whole * scale[:, None, None, None]).reshape(groups, 8 // groups, -1)
        return float(np.einsum("god,gde,goe->", off, moments.of("w"), off))

    ours = rounded(weight, scale, moments.of("w"))
    assert ours.dtype == np.int8
    assert ours.shape == weight.shape
    assert error(ours) < 0.5 * error(near)


def test_inputs_that_say_nothing_of_one_another_leave_rounding_to_the_nearest() -> None:
    weight = np.random.default_rng(0).normal(size=(4, 5, 1, 1)).astype(np.float32)
    scale = np.abs(weight).reshape(4, -1).max(axis=1) / 127
    assert np.array_equal(rounded(weight, scale, np.eye(5)[None]), np.round(weight / scale[:, None, None, None]))


def test_patches_are_what_the_weights_meet() -> None:
    node = onnx.helper.make_node("Conv", ["x", "w"], ["y"], pads=[0, 1, 0, 0])
    moments = Moments([node], {"w": (1, 1, 1, 2)})
    moments.add({"x": np.array([[[[1.0], [1.0]]]], np.float32)})  # one column, and padding to its left
    assert np.array_equal(moments.of("w")[0], [[0, 0], [0, PATCHES]])
