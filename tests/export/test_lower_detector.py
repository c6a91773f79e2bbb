"""The person detector in int8: what computes in it, what it says about itself, and that a loss is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from harcli.datasets import Sample
from harcli.errors import HarcliError
from harcli.export.lower_detector import check_recall, lower_detector, recall
from harcli.export.onnx_file import write_with
from harcli.models_dir import models_dir
from harcli.people.onnx_detector import OnnxDetector
from harcli.photos.decode import decode

DETECTOR = models_dir() / "person-detector" / "model.onnx"


@pytest.fixture(scope="module")
def lowered(assets: Path) -> onnx.ModelProto:
    return lower_detector(onnx.load(str(DETECTOR)), [decode(assets / "bus.jpg"), decode(assets / "zidane.jpg")], 320)


def test_convolutions_between_the_first_modules_and_the_head_are_in_int8(lowered: onnx.ModelProto) -> None:
    made_by = {output: node.op_type for node in lowered.graph.node for output in node.output}
    convolutions = [node for node in lowered.graph.node if node.op_type == "Conv"]
    assert len(convolutions) > 90
    attention = ("/model.10/m/m.0/", "/model.22/m.0/m.0.1/")
    for node in convolutions:
        in_float = node.name.split("/")[1] in ("model.0", "model.1", "model.2", "model.23")
        in_float |= node.name.startswith(attention)
        assert (made_by.get(node.input[1]) != "DequantizeLinear") == in_float, node.name


def test_the_same_people_and_what_it_says_about_itself(lowered: onnx.ModelProto, tmp_path: Path, assets: Path) -> None:
    write_with(lowered, {prop.key: prop.value for prop in lowered.metadata_props}, tmp_path / "int8.onnx")
    before, after = (OnnxDetector(file, provider="cpu") for file in (DETECTOR, tmp_path / "int8.onnx"))
    assert (after.name, after.confidence, after.long_side) == (before.name, before.confidence, 640)
    bus = decode(assets / "bus.jpg")
    assert len(after.detect([bus])[0]) == len(before.detect([bus])[0]) == 4


def test_recall_counts_tall_people_that_have_a_box(assets: Path) -> None:
    bus = assets / "bus.jpg"
    detector = OnnxDetector(DETECTOR, provider="cpu")
    there = detector.detect([decode(bus)])[0][0].box
    boxes = [there, (300.0, 0.0, 400.0, 100.0), (0.0, 0.0, 20.0, 20.0)]
    people = [Sample("any", bus, {}, "val", box) for box in boxes]
    assert recall(detector, people) == (0.5, 2)
    with pytest.raises(HarcliError, match="96 pixels"):
        recall(detector, people[2:])


def test_more_loss_than_allowed_is_refused() -> None:
    check_recall(0.9, 0.896)
    with pytest.raises(HarcliError, match="nothing was written"):
        check_recall(0.9, 0.894)


def test_only_int8_and_only_open_sizes(harcli: Callable, tmp_path: Path, assets: Path) -> None:
    done = harcli(
        *("export-onnx", str(DETECTOR), "--precision", "fp16", "--held-out", ""),
        *("--crops", str(assets), "--out", str(tmp_path / "x.onnx")),
    )
    assert done.returncode == 1
    assert "--precision int8" in done.stderr


def test_nodes_of_other_names_are_refused(tmp_path: Path) -> None:
    proto = onnx.load(str(DETECTOR))
    for number, node in enumerate(proto.graph.node):
        node.name = f"node{number}"
    with pytest.raises(HarcliError, match="Ultralytics"):
        lower_detector(proto, [np.zeros((64, 64, 3), np.uint8)], 64)
