"""Thresholds for `harcli export-onnx` that do not fit, or are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harcli.cli.export_limits import read_limits
from harcli.errors import HarcliError


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "not the JSON of `harcli evaluate --out`"),
        ({"attributes": {"hat": {}}, "datasets": {}}, "not the JSON of `harcli evaluate --out`"),
        ({"attributes": {"hat": {"threshold": 0.5}}}, "not the JSON of `harcli evaluate --out`"),
        ({"attributes": {"hat": {"threshold": 0.5}}, "datasets": {}, "fitted": {}}, "not the JSON of"),
        ({"attributes": {"hat": {"threshold": 2}}, "datasets": {}}, "the threshold of hat is not in 0..1"),
        ({"attributes": {"jeans": {"threshold": 0.5}}, "datasets": {}}, "has no threshold for hat"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, value: object, told: str) -> None:
    file = tmp_path / "val.json"
    file.write_text(json.dumps(value))
    with pytest.raises(HarcliError) as error:
        read_limits(file, ["hat"])
    assert str(error.value).startswith(f"{file}: ")
    assert told in str(error.value)


def test_a_model_of_other_attributes_has_no_thresholds_for_these() -> None:
    with pytest.raises(HarcliError, match=r"da-har-lite2: has no threshold for my-own; it is not what"):
        read_limits(Path("da-har-lite2"), ["hat", "my-own"])
