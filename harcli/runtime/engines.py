"""Where TensorRT's engines are kept: beside the store, since building one takes minutes."""

from __future__ import annotations

import contextlib
from pathlib import Path

from harcli.data_dir import data_dir
from harcli.errors import HarcliError
from harcli.runtime.unchanged import file_digest


def engine_dir(model: Path) -> Path:
    """The folder for the engines of this model file under this ONNX Runtime; it is made, for nobody else to read.

    ONNX Runtime names an engine after the graph's inputs and outputs, not after its weights: two models of one
    architecture would get each other's. So each model file has a folder by its content.

    Raises:
        HarcliError: it cannot be made.
    """
    folder = _folder(model)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HarcliError(
            f"{folder}: cannot be made ({error.strerror}), and TensorRT keeps its engines there"
        ) from error
    return folder


def remove_unused(model: Path) -> None:
    """Remove the folder if TensorRT has put nothing into it, since it could not be loaded for example."""
    folder = _folder(model)
    with contextlib.suppress(OSError):  # not empty, or not there
        folder.rmdir()
        folder.parent.rmdir()


def _folder(model: Path) -> Path:
    import onnxruntime as ort

    return data_dir() / "tensorrt" / f"{file_digest(model)[:16]}-{ort.__version__}"
