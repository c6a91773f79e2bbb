"""Factors folded into weights: the same function, with fewer passes over the features."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import onnx
import pytest
import torch
from onnx import helper

import harcli.export.onnx_file as onnx_file
from harcli.export.fold import fold_factors, folded_weights
from harcli.export.onnx_file import OUTPUTS, halve, run_bytes, to_onnx
from harcli.network import DaHar, DaHarConfig


@pytest.fixture(scope="module", params=["resnet", "efficientnet-lite2"])
def plain(request: pytest.FixtureRequest) -> onnx.ModelProto:
    """As torch exports it, seen twice (mirrored); not to be changed."""
    torch.manual_seed(0)
    network = DaHar(DaHarConfig(5, 50, backbone=request.param, width=16)).eval()
    for module in network.modules():
        if request.param != "resnet" and isinstance(module, torch.nn.Conv2d):  # as first made it lets nothing through
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx_file, "fold_factors", lambda proto: 0)
        return to_onnx(network, 64, 32, mirrored=True)


def operators(proto: onnx.ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in proto.graph.node)


def test_not_a_bit_of_the_outputs_changes(plain: onnx.ModelProto) -> None:
    folded = copy.deepcopy(plain)
    assert fold_factors(folded) == 4
    onnx.checker.check_model(folded)
    assert operators(plain) - operators(folded) == Counter(Mul=4)
    images = np.random.default_rng(0).standard_normal((2, 3, 64, 32)).astype(np.float32)
    for before, after in zip(run_bytes(plain, images, OUTPUTS), run_bytes(folded, images, OUTPUTS), strict=True):
        assert before.std() > 0
        assert np.array_equal(before, after)


def test_what_holds_a_factor_is_known_from_the_file(plain: onnx.ModelProto) -> None:
    folded = copy.deepcopy(plain)
    assert folded_weights(folded) == []
    fold_factors(folded)
    before = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in plain.graph.initializer}
    changed = {
        tensor.name
        for tensor in folded.graph.initializer
        if not np.array_equal(onnx.numpy_helper.to_array(tensor), before[tensor.name])
    }
    halve(folded)
    assert set(folded_weights(folded)) == changed
    assert len([name for name in changed if "fusion.reduce" in name]) == 4


def test_a_factor_that_something_else_reads_stays(plain: onnx.ModelProto) -> None:
    folded = copy.deepcopy(plain)
    products = [node for node in folded.graph.node if node.op_type == "Mul" and "sigmoid" in node.input[0]]
    doubled = products[0].output[0]
    features = next(node.output[0] for node in folded.graph.node if doubled in node.input)
    folded.graph.node.append(helper.make_node("Exp", [features], ["else"]))
    folded.graph.output.append(helper.make_tensor_value_info("else", onnx.TensorProto.FLOAT, None))
    assert fold_factors(folded) == 3


def test_exported_models_are_folded() -> None:
    network = DaHar(DaHarConfig(5, 18, width=16)).eval()
    assert folded_weights(to_onnx(network, 64, 32))
