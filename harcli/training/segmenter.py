"""Person masks of crops by an Ultralytics segmentation model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.datasets.sample import Box
from harcli.errors import HarcliError
from harcli.people.ultralytics_guard import import_ultralytics
from harcli.people.yolo_metadata import PERSON_NAMES
from harcli.training.target_person import Choice, choose

STRIDE = 32
GREY = 114  # what Ultralytics pads with in training


class Canvas(NamedTuple):
    """A crop as the network sees it: pixels `(H, W, 3)` uint8, the size `(width, height)` of the crop in its corner,
    the target's box in its pixels."""

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    target: NDArray[np.float32]


class Found(NamedTuple):
    """mask `(h, w)` bool of the crop, and why it was chosen."""

    mask: NDArray[np.bool_]
    choice: Choice


def canvas(crop: Image.Image, target: Box, long_side: int) -> Canvas:
    scale = long_side / max(crop.size)
    width, height = (max(1, round(v * scale)) for v in crop.size)
    pixels = np.full((-(-height // STRIDE) * STRIDE, -(-width // STRIDE) * STRIDE, 3), GREY, dtype=np.uint8)
    filter_ = Image.Resampling.BILINEAR
    pixels[:height, :width] = np.asarray(crop.resize((width, height), filter_))
    scaled = np.array(target, dtype=np.float32) * np.array([width / crop.width, height / crop.height] * 2, np.float32)
    return Canvas(pixels, (width, height), scaled)


class Segmenter:
    def __init__(self, path: Path, confidence: float = 0.1, device: str = "cpu") -> None:
        if not path.is_file():  # Ultralytics would try to download it
            raise HarcliError(f"{path}: no such file; --weights names an Ultralytics segmentation model (.pt)")
        ultralytics = import_ultralytics()
        try:
            self._model = ultralytics.YOLO(str(path))
            names: dict[int, str] = self._model.names
        except Exception as error:  # whatever a stranger's pickle raises
            cause = " ".join(str(error).split())
            raise HarcliError(f"{path} cannot be opened as an Ultralytics model: {cause}") from error
        if self._model.task != "segment":
            raise HarcliError(f"{path} is a model for {self._model.task!r}: masks need one for segmentation")
        self._person = [index for index, name in names.items() if name.lower() in PERSON_NAMES]
        if not self._person:
            raise HarcliError(f"{path} knows no people: none of its {len(names)} classes is person")
        self.confidence, self.device = confidence, device

    def __call__(self, canvases: Sequence[Canvas]) -> list[Found | None]:
        """Canvases of one shape -> the mask of each one's target person."""
        results = self._model.predict(
            [np.ascontiguousarray(c.pixels[:, :, ::-1]) for c in canvases],
            imgsz=canvases[0].pixels.shape[:2],
            conf=self.confidence,
            classes=self._person,
            device=self.device,
            batch=len(canvases),
            verbose=False,
        )
        return [_target(c, r) for c, r in zip(canvases, results, strict=True)]


def _target(canvas: Canvas, result: object) -> Found | None:
    if result.masks is None:
        return None
    choice = choose(result.boxes.xyxy.cpu().numpy(), result.boxes.conf.cpu().numpy(), canvas.target)
    if choice is None:
        return None
    width, height = canvas.size
    mask = result.masks.data[choice.index].cpu().numpy()[:height, :width] > 0.5
    return Found(mask, choice) if mask.any() else None
