"""What ends a training and is no mistake in harcli: memory that is full, a process that somebody ended."""

from __future__ import annotations

import re
from pathlib import Path

import torch

from harcli.errors import HarcliError
from harcli.training.spec import RunSpec

# Of torch's allocator; of a file in shared memory; of a worker that wrote where shared memory had ended.
_SIGNS_OF_FULL_MEMORY = ("allocate memory", "unable to write to file", "out of shared memory")
_ENDED = re.compile(r"DataLoader worker \(pid.*?\) (?:is killed by signal: ([^.]+)|exited)")


def obstacle(error: Exception, spec: RunSpec, out: Path) -> HarcliError | None:
    """The line for an error of torch; None where it is none of these, so that its traceback helps more.

    Args:
        error: of the loop, or of a process that prepares images, as torch gives it on.
        out: the run's folder.
    """
    said = _said(error)
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(sign in said for sign in _SIGNS_OF_FULL_MEMORY):
        height, width = spec.train.size
        return HarcliError(
            f"out of memory with {spec.train.batch} images of {height}x{width} a batch; use a smaller --batch or "
            f"--size, or fewer --workers; {out} keeps the last checkpoint"
        )
    # Where reading an image ended too soon, in a process that goes on, torch says that it caught it there.
    broken_off = isinstance(error, (EOFError, ConnectionError)) and not str(error).startswith("Caught")
    if not (_ENDED.search(said) or broken_off):
        return None
    signals = [signal for signal in _ENDED.findall(said) if signal]
    how = f"was ended (signal: {signals[0]})" if signals else "ended"
    # The kernel chooses a process and kills it where memory is full; torch cannot tell that from `kill -9`.
    why = "; if nobody did that, the system did, for want of memory" if signals[:1] == ["Killed"] else ""
    return HarcliError(f"a process that prepares images {how}{why}; go on with harcli train --resume {out}")


def _said(error: BaseException) -> str:
    """The messages of an error and of what led to it: only one of them names the signal."""
    cause = error.__cause__ or error.__context__
    return f"{error}\n{_said(cause)}" if cause is not None else str(error)
