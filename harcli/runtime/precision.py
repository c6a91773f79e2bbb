"""Which file of a model computes fastest on this processor."""

from __future__ import annotations

from pathlib import Path

from harcli.runtime.processor import processor_features
from harcli.runtime.providers import gpu_is_visible

INT8 = "model.int8.onnx"
"""Beside a `model.onnx`: the same model in int8, made by `harcli export-onnx --precision int8`."""

FAST_INT8 = frozenset({"AVX-VNNI", "AVX-512 VNNI"})
"""The processor's instructions that int8 was measured with (docs/speed.md). Without them, sums of the products of bytes
can overflow in ONNX Runtime's kernels, and nothing has been measured: float32 then."""


def quickest(path: Path, provider: str) -> Path:
    """The int8 file beside `path`, where it is there, the processor is to compute and has instructions for it.

    Args:
        path: a `model.onnx`.
        provider: as asked for, see `harcli.runtime.open_session`.
    """
    on_processor = provider == "cpu" or (provider == "auto" and not gpu_is_visible())
    int8 = path.with_name(INT8)
    if path.name == "model.onnx" and on_processor and int8.is_file() and FAST_INT8 & set(processor_features()):
        return int8
    return path
