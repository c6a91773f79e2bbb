"""The exported file against torch, its metadata, and a check that can fail."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from harcli.errors import HarcliError
from harcli.export.onnx_file import halve, keep_attributes, run_bytes, to_onnx, write
from harcli.export.parity import check_parity
from harcli.network import DaHar, DaHarConfig
from harcli.recognition.metadata import KEY, AttributeSpec, InputSpec, ModelMetadata
from harcli.runtime.unchanged import GRAPH_KEY, graph_digest

SPEC = InputSpec(64, 32)


@pytest.fixture(scope="module")
def model(make_network: Callable[..., DaHar]) -> DaHar:
    return make_network(6)


@pytest.fixture(scope="module")
def crops() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (90 + i, 40, 3), dtype=np.uint8) for i in range(5)]


def test_onnx_agrees_with_torch_and_batch_is_dynamic(model: DaHar, crops: list[np.ndarray]) -> None:
    proto = to_onnx(model, 64, 32)
    assert check_parity(model, proto, crops, SPEC, 1e-4) < 1e-4
    images = np.random.default_rng(1).normal(size=(7, 3, 64, 32)).astype(np.float32)
    assert run_bytes(proto, images).shape == (7, 6)
    np.testing.assert_allclose(run_bytes(proto, images)[:1], run_bytes(proto, images[:1]), atol=1e-5)


def test_parity_check_fails_on_another_network(model: DaHar, crops: list[np.ndarray]) -> None:
    torch.manual_seed(2)
    other = to_onnx(DaHar(DaHarConfig(6, 18)).eval(), 64, 32)
    with pytest.raises(HarcliError, match="differs from torch"):
        check_parity(model, other, crops, SPEC, 1e-3)


def test_half_storage_halves_the_file_and_computes_in_float32(model: DaHar, crops: list[np.ndarray]) -> None:
    proto = to_onnx(model, 64, 32)
    before = proto.ByteSize()
    halve(proto)
    assert proto.ByteSize() < 0.55 * before
    assert check_parity(model, proto, crops, SPEC, 1e-2) < 1e-2
    assert proto.graph.output[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_written_file_is_one_file_with_metadata_and_no_paths(model: DaHar, tmp_path: Path) -> None:
    metadata = ModelMetadata("tiny", "1", (AttributeSpec("hat", "head", 0.3),), SPEC, ("ccp",), "free", {"mAP": 0.5})
    write(to_onnx(model, 64, 32), metadata, tmp_path / "m.onnx")
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]
    props = {p.key: p.value for p in onnx.load(tmp_path / "m.onnx").metadata_props}
    assert ModelMetadata.from_json(props[KEY], "m.onnx") == metadata
    assert b"site-packages" not in (tmp_path / "m.onnx").read_bytes()
    assert props[GRAPH_KEY] == graph_digest(tmp_path / "m.onnx")


def test_keep_attributes_keeps_the_right_columns(model: DaHar) -> None:
    import copy

    images = torch.randn(2, 3, 64, 32)
    before = model(images).logits
    part = copy.deepcopy(model)
    keep_attributes(part, [4, 1])
    torch.testing.assert_close(part(images).logits, before[:, [4, 1]])
