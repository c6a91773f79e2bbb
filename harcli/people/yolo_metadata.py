"""What a YOLO `.onnx` file says about itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harcli import strict_json
from harcli.errors import HarcliError

KEY = "harcli-detector"
ATTRIBUTE_MODEL = "harcli"
"""The key of the metadata of `harcli export-onnx`."""

CONFIDENCE = 0.25  # Ultralytics' default, for files that recommend none
IMAGE_SIZE = (640, 640)
_LARGEST = 8192  # pixels of an input's height or width
PERSON_NAMES = ("person", "people", "pedestrian", "human")


@dataclass(frozen=True, slots=True)
class YoloMetadata:
    """The part of the metadata that finding people needs.

    Attributes:
        person: index of the person class.
        classes: number of classes.
        image_size: `(height, width)` of the input, for files whose input has none.
        confidence: the lowest score to report by default, 0..1.
        name: the model's name, or empty.
    """

    person: int
    classes: int
    image_size: tuple[int, int]
    confidence: float
    name: str

    @classmethod
    def read(cls, properties: Mapping[str, str], path: Path) -> YoloMetadata:
        """Read Ultralytics' properties (`names`, `imgsz`, `task`: Python literals) and harcli's own (JSON).

        Args:
            properties: the file's metadata.
            path: the file, for messages.

        Raises:
            HarcliError: no class names, no class for people, or a task other than detection.
        """
        if ATTRIBUTE_MODEL in properties:
            raise HarcliError(f"{path} is an attribute model: name it by --model, and a person detector by --detector")
        task = properties.get("task", "detect")
        if task != "detect":
            raise HarcliError(f"{path} is a model for {task!r}: --detector needs one for detection")
        names = _literal(properties.get("names", ""))
        if isinstance(names, list):
            names = dict(enumerate(names))
        if not isinstance(names, dict) or not names:
            raise HarcliError(f"{path} carries no class names: export it with `yolo export model=... format=onnx`")
        lowered = {str(name).lower(): index for index, name in names.items()}
        person = next((lowered[name] for name in PERSON_NAMES if name in lowered), None)
        if person is None:
            raise HarcliError(f"{path} does not detect people: none of its {len(names)} classes is person")
        own = _own(properties, path)
        size = _literal(properties.get("imgsz", ""))
        try:
            found = cls(
                person=int(person),
                classes=len(names),
                image_size=(int(size[0]), int(size[1])) if isinstance(size, list) and len(size) == 2 else IMAGE_SIZE,
                confidence=float(own.get("confidence", CONFIDENCE)),
                name=str(own.get("name", "")),
            )
        except (ValueError, TypeError, OverflowError) as error:
            raise HarcliError(f"{path}: what it says about itself is not usable ({error})") from error
        if not 0 <= found.confidence <= 1 or not all(1 <= side <= _LARGEST for side in found.image_size):
            raise HarcliError(f"{path}: its confidence is not in 0..1, or its image size not in 1..{_LARGEST}")
        return found


def _own(properties: Mapping[str, str], path: Path) -> dict[str, Any]:
    if KEY not in properties:
        return {}
    try:
        own = strict_json.loads(properties[KEY])
    except ValueError:
        own = None
    if not isinstance(own, dict) or own.get("format") != 1:
        raise HarcliError(f"{path} was made for another version of harcli: update harcli, or use its own model file")
    return own


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
