"""A model in lower precision: int8 for processors, float16 for CUDA; and what it costs on labelled people."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harcli.errors import HarcliError

if TYPE_CHECKING:
    import onnx

    from harcli.datasets import Sample

ALLOWED_LOSS = {"fp16": 0.003, "int8": 0.007}
"""Mean AP that each may lose against fp32 on held-out people."""

QUANTISED = ("Conv", "Add", "Clip", "Relu", "AveragePool", "Gemm")
"""What computes in int8. With `Conv` alone everything between two of them goes back to float: as slow, and less true.
Sigmoids, products and the softmax of the attention stay float."""

FIRST_IN_FLOAT = 2
"""Convolutions that stay float, from the input on: the stem has 3 channels and the next is depthwise, so int8 gains no
time on them, and they are the most sensitive (docs/speed.md)."""

_BATCH = 8


def lower(proto: onnx.ModelProto, precision: str, images: NDArray[np.float32]) -> onnx.ModelProto:
    """The model in `precision`, with the same inputs and outputs, float32 all of them; without metadata.

    Args:
        proto: an attribute model in float32.
        precision: `fp16`; or `int8`: static, QDQ, weights per channel, ranges by the least and greatest values.
        images: normalised training people `(N, 3, H, W)`, on which int8 finds the ranges of its activations.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = folded(proto, Path(folder) / "plain.onnx")
        if precision == "fp16":
            return _half(plain)
        return _int8(plain, Path(folder) / "int8.onnx", images)


def mean_ap(proto: onnx.ModelProto, images: NDArray[np.float32], labels: NDArray[np.int8]) -> float:
    """Mean AP, 0..1, over the attributes that have positives.

    Args:
        images: normalised `(N, 3, H, W)`.
        labels: `(N, A)`: 1, 0, or below 0 for unknown.
    """
    from harcli.evaluation.metrics import evaluate, mean
    from harcli.export.onnx_file import run_bytes

    rows = [run_bytes(proto, images[start : start + 64])[0] for start in range(0, len(images), 64)]
    found = mean(evaluate(labels, np.concatenate(rows), 0.5).ap)
    if found is None:
        raise HarcliError("none of the held-out people has a label that this model knows: name another data set")
    return float(found)


def check_loss(before: float, after: float, precision: str) -> None:
    """Raises HarcliError where mean AP fell by more than `ALLOWED_LOSS`."""
    if not before - after <= ALLOWED_LOSS[precision]:
        raise HarcliError(
            f"{precision} has a mean AP of {after:.4f} on the held-out people, fp32 {before:.4f}: "
            f"more than {ALLOWED_LOSS[precision]} is lost, so nothing was written"
        )


def held_out(dataset: str, root: Path) -> list[Sample]:
    """The people of a data set's validation part."""
    from harcli.datasets import load

    people = [sample for sample in load([dataset], root) if sample.part == "val"]
    if not people:
        raise HarcliError(f"{dataset} has no people in the part val: name another data set by --held-out")
    return people


def folded(proto: onnx.ModelProto, path: Path) -> Path:
    """Written with constants folded, so that weights which are stored as float16 are float32 again."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return path


def _half(path: Path) -> onnx.ModelProto:
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values too small for float16 become 0
        half: onnx.ModelProto = convert_float_to_float16(onnx.load(path), keep_io_types=True)
    return half


def _int8(path: Path, out: Path, images: NDArray[np.float32]) -> onnx.ModelProto:
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class People(CalibrationDataReader):  # type: ignore[misc, unused-ignore]
        """`images` in batches."""

        def __init__(self) -> None:
            self.batches: Iterator[NDArray[np.float32]] = iter(np.array_split(images, max(1, len(images) // _BATCH)))

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            batch = next(self.batches, None)
            return None if batch is None else {"images": batch}

    convolutions = [node.name for node in onnx.load(path).graph.node if node.op_type == "Conv"]
    with quiet():
        quantize_static(
            str(path),
            str(out),
            People(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            nodes_to_exclude=convolutions[:FIRST_IN_FLOAT],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    lowered: onnx.ModelProto = onnx.load(out)
    return lowered


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """ONNX Runtime's advice to preprocess goes to the root logger and standard output."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)


def people_images(people: Sequence[Sample], margin: float) -> list[NDArray[np.uint8]]:
    """The crop of each person, uint8 `(h, w, 3)`, as tagging cuts it."""
    from harcli.photos.crop import crop
    from harcli.photos.decode import decode

    pixels = ((decode(person.image), person.box) for person in people)
    return [crop(rgb, box, margin) if box else rgb for rgb, box in pixels]
