"""A checkpoint of `harcli train` in torch, eager and compiled, to compare with. Needs torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from harcli.bench.work import Work
from harcli.errors import HarcliError
from harcli.network import checkpoint


def torch_calls(
    path: Path, batches: Sequence[int]
) -> tuple[tuple[int, int], Work, dict[tuple[str, int], Callable[[], object]]]:
    """Height and width of the input, what an image costs, and by (`torch eager` or `torch compiled`, batch size) what
    computes a batch, in fp32 on the CPU.

    Compiling needs a compiler for C++; where there is none, a warning says so and the eager ones are left.

    Raises:
        HarcliError: it is no checkpoint.
    """
    network, about = checkpoint.load(path)
    try:
        height, width = map(int, about["train"].get("full") or about["train"]["size"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HarcliError(f"{path}: does not say its input size; train it again") from error
    images = {batch: torch.rand(batch, 3, height, width) for batch in batches}
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(images[batches[0]])
    counted = Work(int(counter.get_total_flops()) // 2 // batches[0], "fp32")  # it counts two for one
    kinds: dict[str, Callable[[torch.Tensor], object]] = {"torch eager": network}
    try:
        compiled = torch.compile(network)
        with torch.inference_mode():
            for batch in batches:
                compiled(images[batch])
        kinds["torch compiled"] = compiled
    except Exception as error:  # whatever the compiler's absence raises
        reason = " ".join(str(error).split())[:150]
        warnings.warn(f"torch cannot compile here ({reason})", RuntimeWarning, stacklevel=2)
    calls = {(by, batch): _call(kind, images[batch]) for by, kind in kinds.items() for batch in batches}
    return (height, width), counted, calls


def _call(network: Callable[[torch.Tensor], object], images: torch.Tensor) -> Callable[[], object]:
    def run() -> None:
        with torch.inference_mode():
            network(images)

    return run
