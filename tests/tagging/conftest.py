"""A detector and a model that cost nothing: what they say depends on the pixels only, and they count their work."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from harcli.people import Detection
from harcli.recognition.metadata import AttributeSpec, InputSpec, ModelMetadata

NAMES = ("male", "female", "hat", "long-sleeves", "short-sleeves")
GROUPS = ("sex", "sex", "head", "sleeve", "sleeve")


class CountingDetector:
    """Two people in every photo: its left and its right half, the right one less high."""

    name = "halves"
    provider = "cpu"

    def __init__(self) -> None:
        self.photos = 0

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[list[Detection]]:
        self.photos += len(images)
        found = []
        for image in images:
            h, w = image.shape[:2]
            found.append([Detection((w / 2, h / 2, w, h), 0.6), Detection((0.0, 0.0, w / 2, h), 0.9)])
        return found


class MeanModel:
    """Each probability is a brightness: of the mean, and of the red, green and blue channel."""

    provider = "cpu"
    batch_size = 4
    path = None

    def __init__(self, version: str = "1") -> None:
        specs = (AttributeSpec(name, group, 0.5) for name, group in zip(NAMES, GROUPS, strict=True))
        self.metadata = ModelMetadata("mean", version, tuple(specs), InputSpec(8, 4))

    def cut(self, rgb: NDArray[np.uint8], box: tuple[float, ...]) -> NDArray[np.uint8]:
        x1, y1, x2, y2 = (int(value) for value in box)
        return rgb[y1:y2, x1:x2]

    def probabilities(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        rows = [[c.mean(), 255 - c.mean(), *c.mean((0, 1))] for c in crops]
        return np.array(rows, np.float32).reshape(-1, len(NAMES)) / 255


@pytest.fixture
def parts() -> SimpleNamespace:
    """`parts.detector`, `parts.model`, `parts.names`, `parts.make_model(version)`."""
    return SimpleNamespace(detector=CountingDetector(), model=MeanModel(), names=NAMES, make_model=MeanModel)
