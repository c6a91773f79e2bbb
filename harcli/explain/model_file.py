"""A model file, to look into: its mask and its attention, by ONNX Runtime and without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.explain.maps import Maps
from harcli.explain.subject import Subject
from harcli.recognition.model import AttributeModel

_PARTS = {"mask": "person mask", "attention": "attention"}


def open_model_file(spec: str | None) -> Subject:
    """Open a model; its file has no features and self-masks to draw.

    Args:
        spec: an `.onnx` file, a folder with a `model.onnx`, or the name of an installed model; None: the built-in one.

    Raises:
        HarcliError: there is no such model, or it gives probabilities alone.
    """
    model = AttributeModel.load(spec)
    about = model.metadata
    path = model.path or Path(about.name)
    lacks = tuple(part for output, part in _PARTS.items() if output not in model.outputs)
    if len(lacks) == len(_PARTS):
        raise HarcliError(
            f"{path}: gives probabilities only, nothing of where it looks; export it again from its checkpoint with "
            "`harcli export-onnx`, or give that checkpoint (.safetensors) by --model"
        )

    def look(pixels: NDArray[np.uint8]) -> Maps:
        found = model.look(pixels)
        mask = found.get("mask")
        return Maps(found["probabilities"], mask[0] if mask is not None else None, found.get("attention"))

    return Subject(
        path=path,
        title=f"{about.name} {about.version}, input {about.input.height}x{about.input.width}",
        names=tuple(about.names),
        thresholds=tuple(about.thresholds),
        margin=about.input.margin,
        lacks=lacks,
        has_mask="mask" in model.outputs,
        look=look,
    )
