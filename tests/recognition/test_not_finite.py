"""Numbers that are no probabilities never become results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from PIL import Image


@pytest.mark.parametrize("operator", ["Log", "Neg", "Exp"], ids=["nan", "below 0", "above 1"])
def test_a_model_that_gives_no_probabilities(harcli: Callable, tiny_model: Path, tmp_path: Path, operator: str) -> None:
    model = onnx.load(tiny_model)
    model.graph.node[-1].op_type = operator
    onnx.save(model, tmp_path / "odd.onnx")
    (tmp_path / "p").mkdir()
    colour = (0, 0, 0) if operator == "Log" else (255, 255, 255)
    Image.new("RGB", (20, 40), colour).save(tmp_path / "p" / "a.png")
    (tmp_path / "a.csv").write_text("the old one\n")
    done = harcli("tag", "p", "--no-detect", "--model", "odd.onnx", "--out", "a.csv")
    assert done.returncode == 1
    assert "not in 0..1" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "a.csv").read_text() == "the old one\n"
