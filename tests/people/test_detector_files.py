"""Detectors from files: of other makes and shapes, made by harcli itself, and those that are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harcli.errors import HarcliError
from harcli.people import PersonDetector, load_detector
from harcli.people.nms import iou
from harcli.runtime.unchanged import GRAPH_KEY
from tests.people.conftest import BUS, ZIDANE, Watched, boxes_of, same


def test_the_model_file_names_no_machine() -> None:
    onnx = pytest.importorskip("onnx", reason="a model file is made with onnx: pip install '.[dev]'")
    from harcli.models_dir import models_dir

    model = onnx.load(str(models_dir() / "person-detector" / "model.onnx"))
    text = "".join(str(prop) for prop in model.metadata_props) + "".join(node.doc_string for node in model.graph.node)
    assert "/" not in text
    assert [bool(dim.dim_param) for dim in model.graph.input[0].type.tensor_type.shape.dim] == [True, False, True, True]


def test_a_file_of_fixed_size_gets_that_size(raw_head_fixed: Path, bus: np.ndarray) -> None:
    detector: Any = load_detector(str(raw_head_fixed), provider="cpu")
    watched = Watched(detector._runner)
    detector._runner = watched
    assert len(detector.detect([bus])[0]) == 4
    assert watched.shapes == [(1, 3, 640, 640)]


@pytest.fixture(scope="module")
def raw_head_fixed(raw_head: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`raw_head` with an input of 640 x 640."""
    onnx = pytest.importorskip("onnx", reason="a model file is made with onnx: pip install '.[dev]'")
    model: Any = onnx.load(str(raw_head))
    for place in (2, 3):
        model.graph.input[0].type.tensor_type.shape.dim[place].dim_value = 640
    path: Path = tmp_path_factory.mktemp("fixed") / "fixed.onnx"
    onnx.save(model, str(path))
    return path


@pytest.fixture(scope="module")
def raw_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model before its last step, as a classic raw head: `(1, 4 + 1, anchors)`, a fixed batch of 1."""
    onnx = pytest.importorskip("onnx", reason="a model file is made with onnx: pip install '.[dev]'")
    from harcli.models_dir import models_dir

    model: Any = onnx.load(str(models_dir() / "person-detector" / "model.onnx"))
    decoded = [node for node in model.graph.node if node.op_type == "Transpose"][-1].input[0]  # (N, 5, anchors), xyxy
    path: Path = tmp_path_factory.mktemp("raw") / "raw.onnx"
    nodes = [
        onnx.helper.make_node("Slice", [decoded, "s0", "s4", "s_axis"], ["xyxy"]),
        onnx.helper.make_node("Slice", [decoded, "s4", "s5", "s_axis"], ["score"]),
        onnx.helper.make_node("Slice", ["xyxy", "s0", "s2", "s_axis"], ["near"]),
        onnx.helper.make_node("Slice", ["xyxy", "s2", "s4", "s_axis"], ["far"]),
        onnx.helper.make_node("Add", ["near", "far"], ["sum"]),
        onnx.helper.make_node("Mul", ["sum", "half"], ["centre"]),
        onnx.helper.make_node("Sub", ["far", "near"], ["size"]),
        onnx.helper.make_node("Concat", ["centre", "size", "score"], ["raw"], axis=1),
    ]
    model.graph.node.extend(nodes)
    constants = {"s0": [0], "s2": [2], "s4": [4], "s5": [5], "s_axis": [1]}
    for name, value in constants.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(value, dtype=np.int64), name))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(0.5, dtype=np.float32), "half"))
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info("raw", onnx.TensorProto.FLOAT, [1, 5, None]))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    kept = {prop.key: prop.value for prop in model.metadata_props if prop.key != GRAPH_KEY}  # it is another graph now
    onnx.helper.set_model_props(model, kept)
    onnx.save(model, str(path))
    return path


def test_raw_heads_and_fixed_batches_give_the_same_people(raw_head: Path, bus: np.ndarray, zidane: np.ndarray) -> None:
    raw = load_detector(str(raw_head), confidence=0.4, provider="cpu")
    strict = load_detector(None, confidence=0.4, provider="cpu", precision="fp32")
    for ours, reference in zip(raw.detect([bus, zidane]), strict.detect([bus, zidane]), strict=True):
        same(ours, reference)


def test_pt_files_run_in_ultralytics(bus: np.ndarray, zidane: np.ndarray, weights: Path) -> None:
    detector = load_detector(str(weights), provider="cpu")
    for found, people in zip(detector.detect([bus, zidane]), (BUS, ZIDANE), strict=True):
        assert len(found) == len(people)
        assert iou(np.array(people, dtype=float), boxes_of(found)).max(axis=1).min() > 0.8


@pytest.mark.parametrize("first", ["", "import ultralytics.utils.patches"])
def test_importing_ultralytics_leaves_pillow_alone(first: str) -> None:
    code = (
        "import PIL.Image; before = PIL.Image.open\n"
        f"{first}\n"
        "from harcli.people.ultralytics_guard import import_ultralytics; u = import_ultralytics()\n"
        "assert PIL.Image.open is before\n"
        "from ultralytics.utils import AUTOINSTALL; from ultralytics.utils.events import events\n"
        "assert not AUTOINSTALL and not events.enabled\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("spec", "confidence", "message"),
    [
        ("nowhere.onnx", None, "nowhere.onnx does not exist"),
        ("nowhere.pt", None, "nowhere.pt does not exist"),
        ("photo.jpg", None, "neither an .onnx nor a .pt"),
        ("person-detektor", None, r"did you mean person-detector\?"),
        ("da-har-lite2", None, "is an attribute model: name it by --model"),
        (None, 1.5, "outside 0..1"),
    ],
)
def test_mistakes_are_named(spec: str | None, confidence: float | None, message: str) -> None:
    with pytest.raises(HarcliError, match=message):
        load_detector(spec, confidence=confidence)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "no class names"),
        ({"harcli": "{}"}, "is an attribute model: name it by --model"),
        ({"names": "{0: 'cat'}"}, "does not detect people"),
        ({"names": "{0: 'person'}", "task": "segment"}, "needs one for detection"),
        ({"names": "{0: 'person'}", "harcli-detector": '{"format": 2}'}, "another version"),
    ],
)
def test_other_models_are_refused(tmp_path: Path, properties: dict[str, str], message: str) -> None:
    onnx = pytest.importorskip("onnx", reason="a model file is made with onnx: pip install '.[dev]'")
    from harcli.models_dir import models_dir

    model = onnx.load(str(models_dir() / "person-detector" / "model.onnx"))
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, properties)
    path = tmp_path / "other.onnx"
    onnx.save(model, str(path))
    with pytest.raises(HarcliError, match=message):
        load_detector(str(path), provider="cpu")


def test_no_epochs_export_the_start(weights: Path, tmp_path: Path, bus: np.ndarray, float32: PersonDetector) -> None:
    command = [sys.executable, "-m", "harcli", "train-detector", "--weights", str(weights), "--out", str(tmp_path)]
    done = subprocess.run([*command, "--epochs", "0"], check=True, capture_output=True, text=True)
    made = load_detector(done.stdout.strip(), provider="cpu")
    same(made.detect([bus])[0], float32.detect([bus])[0])
    refused = subprocess.run(
        [*command, "--data", str(tmp_path)], capture_output=True, text=True, env={**os.environ, "HARCLI_DATA": ""}
    )
    assert refused.returncode == 1
    assert "--epochs 0" in refused.stderr
