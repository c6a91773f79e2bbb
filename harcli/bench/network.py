"""A model file as something that takes images: its input, and which other precisions of it lie beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.people.letterbox import rectangle
from harcli.people.yolo_metadata import YoloMetadata
from harcli.recognition.metadata import KEY, ModelMetadata
from harcli.runtime import open_session


@dataclass(frozen=True, slots=True)
class Network:
    """One `.onnx` file.

    Attributes:
        name: of the model, with the file's if that is not `model.onnx`.
        kind: `attributes` (an image is a crop) or `detector` (an image is a photo).
        input: the name of its input, float `(N, 3, height, width)`.
        outputs: the names of what tagging asks for; None: all.
        batch: the only one that it takes; None: any.
        half: its input is float16.
    """

    name: str
    file: Path
    kind: str
    input: str
    outputs: list[str] | None
    height: int
    width: int
    batch: int | None
    half: bool

    @classmethod
    def read(cls, file: Path) -> Network:
        """Raises HarcliError: it is no model of harcli and no detector of people."""
        session = open_session(file, "cpu", threads=1)
        properties = session.get_modelmeta().custom_metadata_map
        first = session.get_inputs()[0]
        if KEY in properties:
            size = ModelMetadata.from_json(properties[KEY], str(file)).input
            kind, outputs, (height, width) = "attributes", ["probabilities"], (size.height, size.width)
        else:
            kind, outputs, (height, width) = "detector", None, YoloMetadata.read(properties, file).image_size
        batch, _, *sides = first.shape
        if kind == "detector" and not any(isinstance(side, int) for side in sides):
            height, width = rectangle(3, 4, max(height, width))  # as for an ordinary photo, if it is not small
        known = [side if isinstance(side, int) else usual for side, usual in zip(sides, (height, width), strict=True)]
        name = file.parent.name if file.name == "model.onnx" else f"{file.parent.name}/{file.name}"
        fixed = batch if isinstance(batch, int) else None
        return cls(name, file, kind, first.name, outputs, known[0], known[1], fixed, "float16" in first.type)

    def batch_of(self, wanted: int) -> int:
        """The batch that it takes instead of the wanted one."""
        return self.batch or wanted

    def images(self, count: int, rng: np.random.Generator) -> NDArray[np.floating]:
        """Random images; what they show makes no difference to the time."""
        shape = (self.batch_of(count), 3, self.height, self.width)
        return rng.random(shape, np.float32).astype(np.float16 if self.half else np.float32)


def variants(file: Path) -> list[Path]:
    """The file, and the other precisions of the same model: what else lies in the folder of a `model.onnx`."""
    if file.name != "model.onnx":
        return [file]
    return [file, *(other for other in sorted(file.parent.glob("*.onnx")) if other != file)]
