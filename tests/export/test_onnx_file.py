"""The exported file against torch, its metadata, and a check that can fail."""

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from harcli.errors import HarcliError
from harcli.explain.inside import look_inside
from harcli.export.onnx_file import OUTPUTS, calibrate, halve, keep_attributes, run_bytes, to_onnx, write
from harcli.export.parity import check_parity
from harcli.network import DaHar, DaHarConfig
from harcli.recognition.metadata import KEY, AttributeSpec, InputSpec, ModelMetadata
from harcli.runtime.unchanged import GRAPH_KEY, graph_digest

SPEC = InputSpec(64, 32)


@pytest.fixture(scope="module")
def model(make_network: Callable[..., DaHar]) -> DaHar:
    return make_network(6)


@pytest.fixture(scope="module")
def proto(model: DaHar) -> onnx.ModelProto:
    """Of `model`; not to be changed."""
    return to_onnx(model, 64, 32)


@pytest.fixture(scope="module")
def crops() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (90 + i, 40, 3), dtype=np.uint8) for i in range(5)]


def test_onnx_agrees_with_torch_and_batch_is_dynamic(
    model: DaHar, proto: onnx.ModelProto, crops: list[np.ndarray]
) -> None:
    assert check_parity(model, proto, crops, SPEC, 1e-4) < 1e-4
    images = np.random.default_rng(1).normal(size=(7, 3, 64, 32)).astype(np.float32)
    (all_at_once,), (alone,) = run_bytes(proto, images), run_bytes(proto, images[:1])
    assert all_at_once.shape == (7, 6)
    np.testing.assert_allclose(all_at_once[:1], alone, atol=1e-5)


def test_mask_and_attention_are_those_of_the_network(model: DaHar, proto: onnx.ModelProto) -> None:
    images = np.random.default_rng(2).normal(size=(3, 3, 64, 32)).astype(np.float32)
    _, mask, attention = run_bytes(proto, images, OUTPUTS)
    maps = [look_inside(model, image) for image in images]
    assert (mask.shape, attention.shape) == ((3, 1, 4, 2), (3, 6, 4, 2))
    np.testing.assert_allclose(mask[:, 0], [m.mask for m in maps], atol=1e-5)
    np.testing.assert_allclose(attention, [m.attention for m in maps], atol=1e-5)
    assert 0 < mask.min() < mask.max() < 1
    np.testing.assert_allclose(attention.sum(axis=(2, 3)), 1, atol=1e-5)
    assert np.ptp(attention, axis=1).max() > 1e-3  # each attribute has its own


@pytest.mark.parametrize(
    ("switches", "outputs"),
    [
        ({"masked_attention": False}, ["probabilities", "attention"]),
        ({"attention": False, "self_mask": False}, ["probabilities"]),
    ],
)
def test_networks_without_the_blocks_have_no_such_outputs(
    switches: dict[str, bool], outputs: list[str], crops: list[np.ndarray]
) -> None:
    torch.manual_seed(0)
    plain = DaHar(DaHarConfig(6, 18, **switches)).eval()
    proto = to_onnx(plain, 64, 32)
    assert [output.name for output in proto.graph.output] == outputs
    assert check_parity(plain, proto, crops, SPEC, 1e-4) < 1e-4


def test_tagging_computes_nothing_for_the_maps(proto: onnx.ModelProto, tmp_path: Path) -> None:
    """The kernels that ONNX Runtime runs for the probabilities are those of a file without the other outputs."""
    alone = copy.deepcopy(proto)
    del alone.graph.output[1:]

    def kernels(model: onnx.ModelProto) -> Counter[str]:
        options = onnxruntime.SessionOptions()
        options.enable_profiling, options.profile_file_prefix = True, str(tmp_path / "profile")
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        session.run(["probabilities"], {"images": np.zeros((2, 3, 64, 32), np.float32)})
        events = json.loads(Path(session.end_profiling()).read_text())
        return Counter(e["args"]["op_name"] for e in events if e["name"].endswith("_kernel_time"))

    assert kernels(proto) == kernels(alone)
    assert kernels(alone)["Conv"] > 50


def test_parity_check_fails_on_another_network(
    make_network: Callable[..., DaHar], proto: onnx.ModelProto, crops: list[np.ndarray]
) -> None:
    with pytest.raises(HarcliError, match=r"differs from torch by [0-9.]+ in probabilities "):
        check_parity(make_network(6, seed=2), proto, crops, SPEC, 1e-3)


@pytest.mark.parametrize(("output", "layer"), [("mask", "mask_branch.body"), ("attention", "head.attention")])
def test_parity_check_covers_the_maps(
    output: str, layer: str, model: DaHar, proto: onnx.ModelProto, crops: list[np.ndarray]
) -> None:
    """A head that is confident of nothing: what it attends to does not reach the probabilities."""
    mute, file = copy.deepcopy(model), copy.deepcopy(proto)
    torch.nn.init.zeros_(mute.head.confidence.weight)
    (weight,) = (tensor for tensor in file.graph.initializer if tensor.name == "model.head.confidence.weight")
    weight.CopyFrom(numpy_helper.from_array(np.zeros(tuple(weight.dims), np.float32), weight.name))
    assert check_parity(mute, file, crops, SPEC, 1e-4) < 1e-4
    torch.nn.init.normal_(mute.get_submodule(layer)[-1].weight, 0, 0.5)
    with pytest.raises(HarcliError, match=rf"differs from torch by [0-9.e-]+ in {output} "):
        check_parity(mute, file, crops, SPEC, 1e-3)


def test_half_storage_halves_the_file_and_computes_in_float32(
    model: DaHar, proto: onnx.ModelProto, crops: list[np.ndarray]
) -> None:
    halved = copy.deepcopy(proto)
    halve(halved)
    assert halved.ByteSize() < 0.55 * proto.ByteSize()
    assert check_parity(model, halved, crops, SPEC, 1e-2) < 1e-2
    assert halved.graph.output[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_written_file_is_one_file_with_metadata_and_no_paths(proto: onnx.ModelProto, tmp_path: Path) -> None:
    metadata = ModelMetadata("tiny", "1", (AttributeSpec("hat", "head", 0.3),), SPEC, ("ccp",), "free", {"mAP": 0.5})
    write(copy.deepcopy(proto), metadata, tmp_path / "m.onnx")
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]
    props = {p.key: p.value for p in onnx.load(tmp_path / "m.onnx").metadata_props}
    assert ModelMetadata.from_json(props[KEY], "m.onnx") == metadata
    assert b"site-packages" not in (tmp_path / "m.onnx").read_bytes()
    assert props[GRAPH_KEY] == graph_digest(tmp_path / "m.onnx")


def test_keep_attributes_keeps_the_right_columns(model: DaHar) -> None:
    images = torch.randn(2, 3, 64, 32)
    before = model(images)
    part = copy.deepcopy(model)
    keep_attributes(part, [4, 1])
    torch.testing.assert_close(part(images).logits, before.logits[:, [4, 1]])
    torch.testing.assert_close(part(images).attention, before.attention[:, [4, 1]])


def test_calibration_is_folded_into_the_last_layers(make_network: Callable[..., DaHar]) -> None:
    network = make_network(4)
    images = torch.randn(3, 3, 64, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = network(images)
    scale, shift = np.array([0.5, 1.0, 2.0, 1.5]), np.array([0.3, -1.0, 0.0, 2.0])
    calibrate(network, scale, shift)
    with torch.no_grad():
        after = network(images)
    expected = before.logits * torch.tensor(scale) + torch.tensor(shift)
    torch.testing.assert_close(after.logits, expected.float(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(after.mask, before.mask)


def test_mirrored_export_does_not_know_left_from_right(make_network: Callable[..., DaHar]) -> None:
    network = make_network(4)
    file = to_onnx(network, 64, 32, mirrored=True)
    images = np.random.default_rng(3).normal(size=(3, 3, 64, 32)).astype(np.float32)
    mirrored = np.ascontiguousarray(images[..., ::-1])
    seen, turned = (run_bytes(file, batch, OUTPUTS) for batch in (images, mirrored))
    np.testing.assert_allclose(seen[0], turned[0], atol=1e-5)
    for as_seen, back in zip(seen[1:], turned[1:], strict=True):
        np.testing.assert_allclose(as_seen, back[..., ::-1], atol=1e-5)
    plain = [run_bytes(to_onnx(network, 64, 32), batch)[0] for batch in (images, mirrored)]
    logits = [np.log(p / (1 - p)) for p in plain]
    np.testing.assert_allclose(np.log(seen[0] / (1 - seen[0])), (logits[0] + logits[1]) / 2, atol=1e-4)
    np.testing.assert_allclose(seen[2].sum((2, 3)), 1, atol=1e-5)
