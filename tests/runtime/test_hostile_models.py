"""Models that fail while they run: one line, in which their own names command no terminal."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from harcli.errors import HarcliError
from harcli.people.yolo_metadata import KEY
from harcli.recognition.model import AttributeModel

EVIL = "\x1b]0;owned\x07"


def detector(path: Path) -> Path:
    """A detector that gives as many numbers as a photo has, and calls that 7 x 6 boxes."""
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, 32, 32])
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", "k", 6])
    parts = [helper.make_tensor("times", TensorProto.INT64, [4], [1, 9, 9, 9])]
    nodes = [
        helper.make_node("Shape", ["images"], ["size"]),
        helper.make_node("Mul", ["size", "times"], ["wrong"]),
        helper.make_node("Reshape", ["images", "wrong"], ["output"], name=EVIL),
    ]
    graph = helper.make_graph(nodes, "odd", [images], [output], parts)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {"names": "{0: 'person'}", KEY: json.dumps({"format": 1, "name": "odd"})})
    onnx.save(model, path)
    return path


def attributes(path: Path, tiny: Path) -> Path:
    """An attribute model whose last step wants a shape that there is not."""
    model = onnx.load(tiny)
    model.graph.node[-1].output[0] = "right"
    model.graph.initializer.append(helper.make_tensor("times", TensorProto.INT64, [2], [7, 1]))
    model.graph.node.extend(
        [
            helper.make_node("Shape", ["right"], ["size"]),
            helper.make_node("Mul", ["size", "times"], ["wrong"]),
            helper.make_node("Reshape", ["right", "wrong"], ["probabilities"], name=EVIL),
        ]
    )
    onnx.save(model, path)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals: run this on Linux or macOS")
@pytest.mark.parametrize("kind", ["attributes", "detector"])
def test_a_model_that_fails_while_it_runs(
    tmp_path: Path, tiny_model: Path, shown_by: Callable[[int], bytes], kind: str
) -> None:
    import pty

    Image.new("RGB", (20, 40), (200, 30, 30)).save(tmp_path / "a.png")
    odd = tmp_path / "odd.onnx"
    if kind == "attributes":
        options = ["--no-detect", "--model", str(attributes(odd, tiny_model))]
    else:
        options = ["--model", str(tiny_model), "--detector", str(detector(odd))]
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "harcli", "tag", "a.png", "--out", "a.csv", *options]
    process = subprocess.Popen(command, stdout=follower, stderr=follower, cwd=tmp_path)
    os.close(follower)
    shown = shown_by(leader)
    assert process.wait(60) == 1, shown
    assert b"failed on" in shown
    assert b"Traceback" not in shown
    assert b"\x1b]" not in shown
    assert b"\x07" not in shown


def test_every_kind_of_changed_bytes(tiny_model: Path, tmp_path: Path) -> None:
    """Refused in one line, or it gives probabilities."""
    whole = tiny_model.read_bytes()
    rng = np.random.default_rng(7)
    crop = np.zeros((20, 10, 3), np.uint8)
    loaded = 0
    for i in range(300):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 1 + i % 3):
            data[at] = rng.integers(256)
        (tmp_path / "m.onnx").write_bytes(data)
        with contextlib.suppress(HarcliError):
            rows = AttributeModel.load(tmp_path / "m.onnx", "cpu").probabilities([crop] * 2)
            assert ((rows >= 0) & (rows <= 1)).all()
            loaded += 1
    assert loaded < 300


def test_text_that_is_not_utf8(tiny_model: Path, tmp_path: Path) -> None:
    data = tiny_model.read_bytes().replace(b'"licence"', b'"lic\xffnce"')
    (tmp_path / "m.onnx").write_bytes(data)
    with pytest.raises(HarcliError, match=r"m\.onnx: damaged"):
        AttributeModel.load(tmp_path / "m.onnx", "cpu")
