"""int8 and float16: what computes in them, how near they are, and that a loss is refused."""

import numpy as np
import onnx
import onnxruntime
import pytest

from harcli.errors import HarcliError
from harcli.export.lower import check_loss, lower
from harcli.export.onnx_file import to_onnx
from harcli.models_dir import models_dir
from harcli.network import DaHar
from harcli.runtime.precision import LOWERED_FROM
from harcli.runtime.unchanged import graph_digest


@pytest.fixture(scope="module")
def proto(make_network) -> onnx.ModelProto:  # type: ignore[no-untyped-def]
    network: DaHar = make_network(6)
    return to_onnx(network, 64, 32)


def as_written(model: onnx.ModelProto, images: np.ndarray) -> np.ndarray:
    """Node by node. Optimised, what is in int8 depends on the processor: without VNNI sums of products overflow."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(["probabilities"], {"images": images})[0]
    return found


@pytest.mark.parametrize("precision", ["int8", "fp16"])
def test_lowered_models_say_nearly_the_same(proto: onnx.ModelProto, precision: str) -> None:
    images = np.random.default_rng(0).normal(size=(16, 3, 64, 32)).astype(np.float32)
    lowered = lower(proto, precision, images)
    before, after = (as_written(model, images) for model in (proto, lowered))
    assert after.shape == before.shape
    assert 0 < np.abs(after - before).mean() < 0.03
    assert len(lowered.SerializeToString()) < 0.6 * len(proto.SerializeToString())
    nodes = lowered.graph.node
    if precision == "int8":  # all convolutions but the first two
        made_by = {output: node.op_type for node in nodes for output in node.output}
        weights = [made_by.get(node.input[1], "") for node in nodes if node.op_type == "Conv"]
        assert weights == ["", ""] + ["DequantizeLinear"] * (len(weights) - 2)


def test_more_loss_than_allowed_is_refused() -> None:
    check_loss(0.7, 0.694, "int8")
    with pytest.raises(HarcliError, match="nothing was written"):
        check_loss(0.7, 0.692, "int8")
    with pytest.raises(HarcliError, match="nothing was written"):
        check_loss(0.7, 0.696, "fp16")


def test_what_ships_in_int8_was_made_from_what_ships() -> None:
    """After a new `model.onnx`: `harcli export-onnx models/NAME/model.onnx --precision int8 ...`."""
    for file in models_dir().glob("*/model.int8.onnx"):
        origin = {prop.key: prop.value for prop in onnx.load(str(file)).metadata_props}[LOWERED_FROM]
        assert origin == graph_digest(file.with_name("model.onnx"))
