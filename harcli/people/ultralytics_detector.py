"""Detectors in Ultralytics' own `.pt` form, for those who have the training wing installed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harcli.errors import HarcliError
from harcli.people.detection import Detection
from harcli.people.ultralytics_guard import import_ultralytics
from harcli.people.yolo_metadata import CONFIDENCE, PERSON_NAMES
from harcli.runtime import limit_torch

if TYPE_CHECKING:
    import numpy as np


class UltralyticsDetector:
    """Any Ultralytics model with boxes and a person class, run by Ultralytics in torch.

    A `.pt` file is a pickle: opening one runs code that it names, so open only files that you trust.
    """

    def __init__(self, path: Path, *, confidence: float | None = None, provider: str = "auto") -> None:
        """Load the model.

        Args:
            path: a `.pt` file.
            confidence: the lowest score to report; None: Ultralytics' 0.25.
            provider: `auto`, `cpu` or `cuda`.

        Raises:
            HarcliError: no such file, not an Ultralytics model, no person class, or no CUDA where it was asked for.
        """
        if not path.is_file():  # Ultralytics would try to download it
            raise HarcliError(f"detector file {path} does not exist: check the path")
        if provider not in ("auto", "cpu", "cuda"):
            raise HarcliError(
                f"{path}: torch computes it, on cpu or cuda; for --provider {provider} take an .onnx file"
            )
        ultralytics = import_ultralytics()
        import torch

        if provider == "cuda" and not torch.cuda.is_available():
            raise HarcliError(f"CUDA cannot be used for {path}: torch sees no GPU; use --provider cpu or auto")
        limit_torch()
        self.path = path
        self.provider = "cuda" if provider != "cpu" and torch.cuda.is_available() else "cpu"
        try:
            self._model = ultralytics.YOLO(str(path))
            names: dict[int, str] = self._model.names
        except Exception as error:  # whatever a stranger's pickle raises
            cause = " ".join(str(error).split())
            raise HarcliError(f"{path} cannot be opened as an Ultralytics model: {cause}") from error
        if self._model.task not in ("detect", "segment", "pose"):
            raise HarcliError(f"{path} is a model for {self._model.task!r}: --detector needs one for detection")
        self._person = [index for index, name in names.items() if name.lower() in PERSON_NAMES]
        if not self._person:
            raise HarcliError(f"{path} does not detect people: none of its {len(names)} classes is person")
        self.confidence = CONFIDENCE if confidence is None else confidence
        self.name = path.stem

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        """The people of each image, best score first.

        Args:
            images: uint8 `(H, W, 3)` RGB, each of its own size.
        """
        if not images:
            return []
        results = self._model.predict(
            [image[:, :, ::-1] for image in images],  # Ultralytics takes arrays as BGR
            conf=self.confidence,
            classes=self._person,
            device=self.provider,
            batch=len(images),
            verbose=False,
        )
        return [_detections(result.boxes) for result in results]


def _detections(boxes: Any) -> list[Detection]:
    rows = zip(boxes.xyxy.tolist(), boxes.conf.tolist(), strict=True)
    found = [Detection((x1, y1, x2, y2), score) for (x1, y1, x2, y2), score in rows if x2 > x1 and y2 > y1]
    return sorted(found, key=lambda detection: -detection.score)
