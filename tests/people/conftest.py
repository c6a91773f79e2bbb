"""Real photos for the people tests."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


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
