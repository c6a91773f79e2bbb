"""The networks alone: milliseconds an image at several batch sizes, beside what the machine could do at best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harcli.bench.network import Network
from harcli.bench.peak import Peak, peaks
from harcli.bench.turns import Runs, take_turns
from harcli.bench.work import Work, work
from harcli.runtime import Runner, active_provider, open_session

BATCHES = {"attributes": (1, 8, 32), "detector": (1, 4)}
"""Images at once. A photo for the detector is twelve crops large."""

_PEAK_SHARE = 0.15
"""Of the time: for the matrix products."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A network at one batch size.

    Attributes:
        by: what computed it: `cpu`, `cuda` ...; `torch eager` or `torch compiled`.
        input: height and width of an image.
        gmacs: 10^9 multiply-accumulates for one image.
        ms: milliseconds for one image.
        share_of_peak: its rate by that of the matrix product of its precision; None where that could not be measured.
    """

    model: str
    kind: str
    precision: str
    by: str
    batch: int
    input: tuple[int, int]
    gmacs: float
    ms: Runs
    share_of_peak: float | None


@dataclass(frozen=True, slots=True)
class _Cell:
    """What will be timed."""

    model: str
    kind: str
    work: Work
    by: str
    batch: int
    input: tuple[int, int]
    run: Callable[[], object]


def time_networks(
    files: Sequence[Path], provider: str, seconds: float, checkpoint: Path | None = None
) -> tuple[list[Timed], dict[str, Peak]]:
    """All files at all their batch sizes, and the machine's peaks.

    Args:
        provider: see `harcli.runtime.open_session`.
        seconds: about so long in all; what torch takes to compile comes on top.
        checkpoint: of `harcli train`, which torch computes beside them.

    Raises:
        HarcliError: a file is no model, or the provider cannot be had.
    """
    cells = [cell for file in files for cell in _cells(Network.read(file), provider)]
    if checkpoint is not None:
        from harcli.bench.torch_network import torch_calls

        size, counted, calls = torch_calls(checkpoint, BATCHES["attributes"])
        name = checkpoint.name
        cells += [_Cell(name, "attributes", counted, by, batch, size, run) for (by, batch), run in calls.items()]
    found = peaks(sorted({cell.work.precision for cell in cells}), provider, seconds * _PEAK_SHARE)
    calls_by_name = {str(index): cell.run for index, cell in enumerate(cells)}
    taken = take_turns(calls_by_name, seconds * (1 - _PEAK_SHARE))
    return [_timed(cell, taken[str(index)], found) for index, cell in enumerate(cells)], found


def _cells(network: Network, provider: str) -> list[_Cell]:
    session = open_session(network.file, provider)
    runner, by, counted = Runner(session), active_provider(session), work(network)
    rng = np.random.default_rng(0)
    cells = []
    for batch in sorted({network.batch_of(each) for each in BATCHES[network.kind]}):
        feed = {network.input: network.images(batch, rng)}
        call = lambda feed=feed: runner.run(network.outputs, feed)  # noqa: E731
        cells.append(_Cell(network.name, network.kind, counted, by, batch, (network.height, network.width), call))
    return cells


def _timed(cell: _Cell, seconds: list[float], found: dict[str, Peak]) -> Timed:
    each = Runs.of(seconds).times(1000 / cell.batch)
    gmacs = cell.work.macs / 1e9
    peak = found.get(cell.work.precision)
    share = gmacs / (each.median / 1000) / peak.gmacs_per_second if peak else None
    return Timed(cell.model, cell.kind, cell.work.precision, cell.by, cell.batch, cell.input, gmacs, each, share)
