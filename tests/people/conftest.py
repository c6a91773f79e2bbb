"""Real photos for the people tests, and where their people are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harcli.people import Detection, PersonDetector, load_detector
from harcli.people.nms import iou

# Drawn by hand around the people of the two photos, to within some pixels.
BUS = [(48, 398, 240, 902), (222, 405, 345, 862), (669, 388, 810, 880), (0, 550, 62, 874)]
ZIDANE = [(745, 40, 1148, 712), (118, 202, 985, 715)]


@pytest.fixture(scope="session")
def bus(assets: Path) -> np.ndarray:
    """uint8 (1080, 810, 3): four people before a bus, one cut off by the left edge."""
    return np.asarray(Image.open(assets / "bus.jpg").convert("RGB"))


@pytest.fixture(scope="session")
def zidane(assets: Path) -> np.ndarray:
    """uint8 (720, 1280, 3): two men."""
    return np.asarray(Image.open(assets / "zidane.jpg").convert("RGB"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The data folder."""
    root = os.environ.get("HARCLI_DATA")
    if not root or not (Path(root) / "coco128").is_dir():
        pytest.skip(
            "COCO128 is missing: set HARCLI_DATA to the folder that holds coco128/ "
            "(coco128.zip of github.com/ultralytics/assets/releases)"
        )
    return Path(root)


@pytest.fixture(scope="session")
def weights() -> Path:
    """An Ultralytics `.pt` file with COCO's classes."""
    path = os.environ.get("HARCLI_YOLO_PT")
    if not path or not Path(path).is_file():
        pytest.skip(
            "no Ultralytics weights: set HARCLI_YOLO_PT to a file such as yolo26n.pt (Ultralytics downloads it by name)"
        )
    return Path(path)


@pytest.fixture(scope="module")
def float32() -> PersonDetector:
    """The embedded detector, at full precision."""
    return load_detector(None, provider="cpu", precision="fp32")


def boxes_of(found: list[Detection]) -> np.ndarray:
    return np.array([detection.box for detection in found]).reshape(-1, 4)


def same(ours: list[Detection], reference: list[Detection]) -> None:
    """They are the same people, about as sure."""
    assert len(ours) == len(reference)
    overlaps = iou(boxes_of(ours), boxes_of(reference))
    assert sorted(overlaps.argmax(axis=1)) == list(range(len(reference)))  # one to one
    for index, pair in enumerate(overlaps.argmax(axis=1)):
        assert overlaps[index, pair] > 0.9
        assert abs(ours[index].score - reference[pair].score) < 0.05


class Watched:
    """A session that notes the shapes that it is given."""

    def __init__(self, session: Any) -> None:
        self.session, self.shapes = session, []

    def run(self, names: Any, feed: dict[str, np.ndarray]) -> Any:
        self.shapes += [array.shape for array in feed.values()]
        return self.session.run(names, feed)
