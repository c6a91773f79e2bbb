"""The embedded attribute model, on a real photo."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from harcli.attributes import ATTRIBUTES
from harcli.errors import HarcliError
from harcli.models_dir import models_dir
from harcli.photos.crop import crop
from harcli.photos.decode import decode
from harcli.recognition.model import DEFAULT_MODEL, AttributeModel

# The four people of bus.jpg, by eye.
BOXES = [(50, 400, 230, 903), (222, 407, 345, 861), (668, 390, 810, 880), (0, 550, 65, 873)]


@pytest.fixture(scope="module")
def model() -> AttributeModel:
    return AttributeModel.load(provider="cpu", precision="fp32")


@pytest.fixture(scope="module")
def crops(assets: Path) -> list[np.ndarray]:
    photo = decode(assets / "bus.jpg")
    return [crop(photo, box, 0.05) for box in BOXES]


def test_the_embedded_model_is_what_its_metadata_says(model: AttributeModel) -> None:
    metadata = model.metadata
    assert model.provider == "cpu"
    assert {name: ATTRIBUTES[name].group for name in metadata.names} == dict(
        zip(metadata.names, metadata.groups, strict=True)
    )
    assert metadata.datasets
    assert metadata.licence


def test_preprocessing_is_what_the_metadata_says(model: AttributeModel, crops: list[np.ndarray]) -> None:
    """Against the arithmetic written out, and Pillow's own resize."""
    from PIL import Image

    size = model.metadata.input
    resized = [Image.fromarray(c).resize((size.width, size.height), Image.Resampling.BILINEAR) for c in crops]
    images = np.stack([np.asarray(image, np.float32) / 255 for image in resized])
    images = ((images - np.float32(size.mean)) / np.float32(size.std)).transpose(0, 3, 1, 2)
    session = onnxruntime.InferenceSession(
        str(models_dir() / DEFAULT_MODEL / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    expected = session.run(["probabilities"], {"images": np.ascontiguousarray(images)})[0]
    probabilities = model.probabilities(crops)
    assert probabilities.shape == (len(BOXES), len(model.metadata.names))
    assert probabilities.dtype == np.float32
    assert np.abs(probabilities - expected).max() < 1e-4
    assert probabilities.std(axis=0).max() > 0.01, "four different people, one answer"


def test_batches_and_padding_do_not_change_the_answer(model: AttributeModel, crops: list[np.ndarray]) -> None:
    expected = model.probabilities(crops)
    small = AttributeModel(model._session, model.metadata, batch_size=3)
    assert np.abs(small.probabilities(crops) - expected).max() < 1e-5
    small._pad = True  # as on a GPU
    assert np.abs(small.probabilities(crops) - expected).max() < 1e-5


def test_cut_is_what_probabilities_would_see(model: AttributeModel, assets: Path) -> None:
    photo = decode(assets / "bus.jpg")
    grown = [crop(photo, box, model.metadata.input.margin) for box in BOXES]
    cut = [model.cut(photo, box) for box in BOXES]
    assert {pixels.shape for pixels in cut} == {(model.metadata.input.height, model.metadata.input.width, 3)}
    assert np.array_equal(model.probabilities(cut), model.probabilities(grown))


def test_nobody(model: AttributeModel) -> None:
    assert model.probabilities([]).shape == (0, len(model.metadata.names))


def test_a_model_by_name_by_folder_and_by_file(tmp_path: Path, model: AttributeModel) -> None:
    shutil.copy(models_dir() / DEFAULT_MODEL / "model.onnx", tmp_path / "model.onnx")
    for spec in (DEFAULT_MODEL, tmp_path, tmp_path / "model.onnx"):
        assert AttributeModel.load(spec, "cpu").metadata == model.metadata


def test_a_model_without_metadata_is_refused() -> None:
    with pytest.raises(HarcliError, match="no harcli metadata"):
        AttributeModel.load(models_dir() / "person-detector" / "model.onnx", "cpu")


def test_no_such_model() -> None:
    with pytest.raises(HarcliError, match=rf"No model 'da-har-lite9'.*; did you mean {DEFAULT_MODEL}\?"):
        AttributeModel.load("da-har-lite9", "cpu")


def test_not_a_model(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"nonsense")
    with pytest.raises(HarcliError, match=r"broken\.onnx"):
        AttributeModel.load(tmp_path / "broken.onnx", "cpu")
