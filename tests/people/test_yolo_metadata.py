"""What a detector's file may say about itself, and what is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.people.yolo_metadata import KEY, YoloMetadata

GOOD = {"names": "{0: 'person', 1: 'bus'}", "imgsz": "[320, 640]", KEY: json.dumps({"format": 1, "confidence": 0.2})}


def test_what_it_says() -> None:
    found = YoloMetadata.read(GOOD, Path("d.onnx"))
    assert (found.person, found.classes, found.image_size, found.confidence) == (0, 2, (320, 640), 0.2)


@pytest.mark.parametrize(
    "change",
    [
        {KEY: "[" * 100_000},
        {KEY: "{"},
        {KEY: "[]"},
        {KEY: json.dumps({"format": 1, "confidence": "high"})},
        {KEY: json.dumps({"format": 1, "confidence": [1]})},
        {KEY: json.dumps({"format": 1, "confidence": float("nan")})},
        {KEY: json.dumps({"format": 1, "confidence": 3})},
        {"names": "[" * 100_000},
        {"names": "{[]: 1}"},
        {"names": "{'x': 'person'}"},
        {"names": "3"},
        {"names": "-" * 50_000 + "1"},
        {"imgsz": "[[], []]"},
        {"imgsz": "[1e999, 1]"},
        {"imgsz": "[100000000, 640]"},
        {"imgsz": "[-1, 640]"},
    ],
    ids=range(16),
)
def test_refused(change: dict[str, str]) -> None:
    with pytest.raises(HarcliError, match=r"^d\.onnx") as caught:
        YoloMetadata.read(GOOD | change, Path("d.onnx"))
    assert "\n" not in str(caught.value)
