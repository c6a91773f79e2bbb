"""What the machine can do at best: a large matrix product, by the same ONNX Runtime and provider as the models."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.bench.turns import take_turns
from harcli.errors import HarcliError
from harcli.runtime import Runner, on_gpu, open_session
from harcli.runtime.matrix_product import product_model

_SIZES = {False: 2048, True: 8192}
"""Of the matrices, by whether a GPU computes: large enough that the cores and not the memory set the pace."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The best run's rate, in 10^9 multiply-accumulates a second; the size of the matrices, and how many runs."""

    gmacs_per_second: float
    size: int
    runs: int


def peaks(precisions: Iterable[str], provider: str, seconds: float, size: int | None = None) -> dict[str, Peak]:
    """By precision; one that the provider cannot compute is left out.

    Args:
        size: of the matrices; None: by the provider.
    """
    side = size or _SIZES[on_gpu(provider)]
    calls = {}
    with tempfile.TemporaryDirectory() as folder:
        for precision in precisions:
            file = Path(folder) / f"{precision}.onnx"
            file.write_bytes(product_model(precision, side))
            try:
                runner = Runner(open_session(file, provider))
            except HarcliError:
                continue
            feed = _factors(precision, side)
            calls[precision] = lambda runner=runner, feed=feed: runner.run(None, feed)
        taken = take_turns(calls, seconds) if calls else {}
    return {name: Peak(side**3 / 1e9 / min(times), side, len(times)) for name, times in taken.items()}


def _factors(precision: str, size: int) -> dict[str, NDArray[np.generic]]:
    rng = np.random.default_rng(0)
    if precision == "int8":
        return {
            "a": rng.integers(0, 256, (size, size), np.uint8),
            "b": rng.integers(-127, 128, (size, size), np.int8),
        }
    kind = np.float16 if precision == "fp16" else np.float32
    return {name: rng.random((size, size), np.float32).astype(kind) for name in "ab"}
