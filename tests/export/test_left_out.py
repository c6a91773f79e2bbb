"""What `harcli export-onnx` says of the attributes that it leaves out: what each of them lacks."""

from __future__ import annotations

from pathlib import Path

from harcli.cli.export_limits import Limits
from harcli.evaluation.fitted import Fitted


def test_each_attribute_with_what_it_lacks() -> None:
    names = ["hat", "bag", "boots"]
    fitted = Fitted({}, {}, {"hat": 0.9, "bag": 0.9, "boots": 0.4})
    limits = Limits(Path("val.json"), {}, gains={"hat": 0.5, "bag": -0.03, "boots": 0.5}, fitted=fitted)
    kept = limits.kept(names, 0.0, 0.6)
    assert kept == ["hat"]
    assert limits.left_out(names, kept, 0.0) == "bag (gain -0.03), boots (precision 0.40)"
