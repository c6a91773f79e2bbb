"""Model files taken back into the torch network: the network says what the file says."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from PIL import Image

from harcli.errors import HarcliError
from harcli.export.onnx_file import Outputs, calibrate, halve, run_bytes, to_onnx, write
from harcli.export.parity import network_input
from harcli.export.restore import restore
from harcli.models_dir import models_dir
from harcli.network import DaHar, DaHarConfig
from harcli.recognition.metadata import AttributeSpec, InputSpec, ModelMetadata

SPEC = InputSpec(64, 32)
BUILT_IN = models_dir() / "da-har-lite2" / "model.onnx"


@pytest.fixture(scope="module")
def model(make_network: Callable[..., DaHar]) -> DaHar:
    """Calibrated."""
    network, rng = make_network(6), np.random.default_rng(2)
    calibrate(network, rng.uniform(0.5, 2, 6), rng.normal(size=6))
    return network


@pytest.fixture(scope="module")
def proto(model: DaHar) -> onnx.ModelProto:
    """Of `model`, with mirror images and in half of the space, as the built-in one; not to be changed."""
    exported = to_onnx(model, 64, 32, mirrored=True)
    halve(exported)
    return exported


def write_model(proto: onnx.ModelProto, path: Path, attributes: int = 6) -> Path:
    names = tuple(AttributeSpec(f"a{i}", "own", 0.5) for i in range(attributes))
    write(copy.deepcopy(proto), ModelMetadata("tiny", "1", names, SPEC), path)
    return path


def said(model: DaHar, images: np.ndarray, mirrored: bool = False) -> np.ndarray:
    with torch.inference_mode():
        return Outputs(model, mirrored)(torch.from_numpy(images))[0].numpy()


def test_the_built_in_model_is_restored(assets: Path) -> None:
    model, metadata = restore("da-har-lite2")
    assert len(metadata.names) == model.config.attributes
    pixels = np.asarray(Image.open(assets / "bus.jpg").convert("RGB"))
    crops = [pixels[y1:y2, x1:x2] for x1, y1, x2, y2 in ((222, 405, 345, 860), (47, 398, 245, 903), (0, 0, 200, 400))]
    images = network_input(crops, metadata.input)
    (theirs,) = run_bytes(onnx.load(BUILT_IN), images)
    assert np.ptp(theirs, axis=0).max() > 0.5  # the crops differ to it
    np.testing.assert_allclose(said(model, images, mirrored=True), theirs, atol=1e-4)


def test_calibrated_mirrored_and_halved(model: DaHar, proto: onnx.ModelProto, tmp_path: Path) -> None:
    restored, _ = restore(write_model(proto, tmp_path / "m.onnx"))
    assert restored.config == model.config
    images = np.random.default_rng(4).normal(size=(3, 3, 64, 32)).astype(np.float32)
    np.testing.assert_allclose(said(restored, images, True), run_bytes(proto, images)[0], atol=1e-5)
    np.testing.assert_allclose(said(restored, images, True), said(model, images, True), atol=1e-2)


@pytest.mark.parametrize(
    "config",
    [
        DaHarConfig(6, 18, attention=False, self_mask=False),
        DaHarConfig(6, 18, self_mask=False, fusion=False, masked_attention=False, width=32),
        pytest.param(DaHarConfig(6, 50, attention=False, stride_on_conv1=True), marks=pytest.mark.slow),
    ],
    ids=["plain", "attention alone", "ResNet v1"],
)
def test_what_the_network_is_made_of_is_seen(config: DaHarConfig, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = DaHar(config).eval()
    restored, _ = restore(write_model(to_onnx(model, 64, 32), tmp_path / "m.onnx"))
    assert restored.config == (config if config.attention else replace(config, fusion=False, masked_attention=False))
    images = np.random.default_rng(3).normal(size=(2, 3, 64, 32)).astype(np.float32)
    np.testing.assert_allclose(said(restored, images), said(model, images), atol=1e-5)


def test_what_is_not_such_a_file_is_refused(proto: onnx.ModelProto, tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match=r"is in int8, from which no training can start"):
        restore(BUILT_IN.with_name("model.int8.onnx"))

    renamed = copy.deepcopy(proto)
    for tensor in renamed.graph.initializer:
        tensor.name = tensor.name.replace("model.model.fc.", "other.")
    for node in renamed.graph.node:
        node.input[:] = [name.replace("model.model.fc.", "other.") for name in node.input]
        node.output[:] = [name.replace("model.model.fc.", "other.") for name in node.output]
    with pytest.raises(HarcliError, match=r"m.onnx: its weights do not fit a network of harcli"):
        restore(write_model(renamed, tmp_path / "m.onnx"))

    # The names are ours, but the file computes something else: half of what its weights say.
    other = copy.deepcopy(proto)
    (end,) = (node for node in other.graph.node if "probabilities" in node.output)
    end.output[0] = "whole"
    half = numpy_helper.from_array(np.array(0.5, np.float32), "half_of_it")
    other.graph.initializer.append(half)
    other.graph.node.append(onnx.helper.make_node("Mul", ["whole", "half_of_it"], ["probabilities"]))
    with pytest.raises(HarcliError, match=r"o.onnx: its weights do not fit a network of harcli"):
        restore(write_model(other, tmp_path / "o.onnx"))
