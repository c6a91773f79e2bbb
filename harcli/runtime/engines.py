"""Where TensorRT's engines are kept: beside the store, since building one takes minutes."""

from __future__ import annotations

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
    import onnxruntime as ort

    folder = data_dir() / "tensorrt" / f"{file_digest(model)[:16]}-{ort.__version__}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HarcliError(
            f"{folder}: cannot be made ({error.strerror}), and TensorRT keeps its engines there"
        ) from error
    return folder
