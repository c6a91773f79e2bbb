"""A detector and a model that cost nothing, go by pixels alone and count their work; photos and runs to try them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from harcli.people import Detection
from harcli.recognition.metadata import AttributeSpec, InputSpec, ModelMetadata
from harcli.results import Record
from harcli.tagging import content
from harcli.tagging.tagger import Tagger

NAMES = ("male", "female", "hat", "long-sleeves", "short-sleeves")
GROUPS = ("sex", "sex", "head", "sleeve", "sleeve")
FIXED = "path,width,height,person,x1,y1,x2,y2,score,tags,error"
"""The first columns of results as a CSV."""
LONG = 20.0  # seconds


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


class InLanes:
    """A detector that computes two batches at the same time, one photo each."""

    name, provider, lanes, batch_size = "lanes", "cpu", 2, 1

    def __init__(self, counted: Any) -> None:
        self._counted = counted

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[list[Detection]]:
        with self._counted:
            return [[Detection((0.0, 0.0, 4.0, 9.0), 0.9)] for _ in images]


@pytest.fixture
def parts() -> SimpleNamespace:
    """`parts.detector`, `parts.model`, `parts.names`, `parts.make_model(version)`."""
    return SimpleNamespace(detector=CountingDetector(), model=MeanModel(), names=NAMES, make_model=MeanModel)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were made a moment ago are taken for settled ones."""
    monkeypatch.setattr(content, "SETTLED", -1e9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten different photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(10):
        Image.new("RGB", (20 + i, 30), (25 * i, 200, 255 - 25 * i)).save(folder / f"{i}.png")
    return folder


def run(
    parts: SimpleNamespace, store: Path | None, paths: Iterable[Path], **options: object
) -> tuple[int, list[Record]]:
    """Photos that were detected in, and the records."""
    before = parts.detector.photos
    with Tagger(parts.model, parts.detector, store=store, **options) as tagger:  # type: ignore[arg-type]
        records = [record for records in tagger.tag_files(paths) for record in records]
        parts.other_settings = tagger.other_settings
    return parts.detector.photos - before, records


def written(folder: Path, count: int, size: tuple[int, int] = (12, 10)) -> list[Path]:
    """Photos that differ."""
    paths = [folder / f"{i}.png" for i in range(count)]
    rng = np.random.default_rng(3)
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(path)
    return paths
