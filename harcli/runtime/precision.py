"""Which file of a model computes: the model in float32, or the same in lower precision beside it."""

from __future__ import annotations

import warnings
from pathlib import Path

from harcli.errors import HarcliError
from harcli.models_dir import LOWER
from harcli.near import did_you_mean
from harcli.runtime.processor import processor_features
from harcli.runtime.providers import gpu_is_visible
from harcli.runtime.unchanged import carried, graph_digest

PRECISIONS = ("fp32", *LOWER)
CHOICES = ("auto", *PRECISIONS)
"""What `--precision` takes."""

LOWERED_FROM = "harcli-lowered-from"
"""The key of the metadata that holds the hash of the float32 graph which a model in lower precision was made from."""

PRECISION_KEY = "harcli-precision"
"""The key of the metadata that holds one of `PRECISIONS`; a file without it is float32."""

FAST_INT8 = frozenset({"AVX-VNNI", "AVX-512 VNNI", "AVX2"})
"""The processor's instructions that int8 was measured with (docs/speed.md). With AVX2 alone, sums of the products of
bytes can overflow in ONNX Runtime's kernels; of the models that come with harcli, that costs little."""


def beside(path: Path, precision: str) -> Path:
    """Where a model in lower precision lies: `model.int8.onnx` beside `model.onnx`."""
    return path if precision == "fp32" else path.with_suffix(f".{precision}.onnx")


def there(path: Path) -> tuple[str, ...]:
    """The precisions in which a model is there, float32 first."""
    return tuple(each for each in PRECISIONS if beside(path, each).is_file())


def stale(path: Path, precision: str) -> str:
    """Why the model's file in lower precision says something else than the model; empty if it does not.

    Args:
        path: the model in float32.
    """
    lowered = beside(path, precision)
    try:
        origin = carried(lowered).get(LOWERED_FROM)
    except HarcliError as error:
        return str(error)
    if origin is None:
        return f"{lowered}: does not say which model it was made from"
    if origin != graph_digest(path):
        return f"{lowered}: was made from another {path.name}"
    return ""


def again(path: Path, precision: str) -> str:
    """The command that makes the file in lower precision."""
    lowered = beside(path, precision)
    return f"harcli export-onnx {path} --precision {precision} --crops FOLDER --out {lowered}"


def choose(path: Path, provider: str, precision: str = "auto") -> Path:
    """The file to open: `path`, or the one in lower precision beside it.

    `auto` takes int8 on a processor with instructions for it, fp16 on CUDA and TensorRT, where it is there and was made
    from this very model; if it was made from another one, it warns (`RuntimeWarning`) and takes `path`.

    Args:
        path: a model in float32.
        provider: as asked for, see `harcli.runtime.open_session`.
        precision: one of `CHOICES`.

    Raises:
        HarcliError: no such precision, or what was asked for by name is not there, or was made from another model.
    """
    if precision not in CHOICES:
        advice = f"choose one of {', '.join(CHOICES)}"
        raise HarcliError(f"unknown precision {precision!r}; {did_you_mean([precision], CHOICES, advice)}")
    wanted = _quickest(provider) if precision == "auto" else precision
    if wanted == "fp32":
        return path
    lowered = beside(path, wanted)
    if not lowered.is_file():
        if precision == "auto":
            return path
        raise HarcliError(f"{path} has no {wanted} beside it; make it: {again(path, wanted)}")
    reason = stale(path, wanted)
    if not reason:
        return lowered
    if precision == "auto":
        warnings.warn(f"{reason}, and is not used; make it again: {again(path, wanted)}", RuntimeWarning, stacklevel=2)
        return path
    raise HarcliError(f"{reason}; make it again: {again(path, wanted)}")


def _quickest(provider: str) -> str:
    name = provider if provider != "auto" else "cuda" if gpu_is_visible() else "cpu"
    if name == "cpu":
        return "int8" if FAST_INT8 & set(processor_features()) else "fp32"
    return "fp16" if name in ("cuda", "tensorrt") else "fp32"
