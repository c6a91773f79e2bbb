"""A small network with work that can be counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harcli.recognition.metadata import KEY, AttributeSpec, InputSpec, ModelMetadata


@pytest.fixture(scope="session")
def counted_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An attribute model in a folder of its own: a convolution (3 to 4 channels, 3x3, 16x8) and a layer (4 to 3)."""
    onnx = pytest.importorskip("onnx", reason="a model file is made with onnx: pip install '.[dev]'")
    helper, numpy_helper, float32 = onnx.helper, onnx.numpy_helper, onnx.TensorProto.FLOAT
    weights = {"w": np.zeros((4, 3, 3, 3), np.float32), "m": np.zeros((4, 3), np.float32)}
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["images", "w"], ["c"], pads=[1, 1, 1, 1]),
            helper.make_node("GlobalAveragePool", ["c"], ["p"]),
            helper.make_node("Flatten", ["p"], ["f"]),
            helper.make_node("MatMul", ["f", "m"], ["l"]),
            helper.make_node("Sigmoid", ["l"], ["probabilities"]),
        ],
        "counted",
        [helper.make_tensor_value_info("images", float32, ["N", 3, 16, 8])],
        [helper.make_tensor_value_info("probabilities", float32, ["N", 3])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    groups = {"hat": "head", "female": "sex", "jeans": "lower-body"}
    specs = tuple(AttributeSpec(name, group, 0.5) for name, group in groups.items())
    helper.set_model_props(model, {KEY: ModelMetadata("counted", "1", specs, InputSpec(16, 8)).to_json()})
    file = tmp_path_factory.mktemp("models") / "counted" / "model.onnx"
    file.parent.mkdir()
    onnx.save(model, str(file))
    return file
