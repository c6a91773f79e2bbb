"""Timing: calls take turns, so that a busy or slowing machine strikes all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_TURN = 0.05
"""Seconds that a turn lasts at least: short calls are made several times."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Several measurements of one thing, in its unit."""

    median: float
    min: float
    max: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Runs:
        """At least one value."""
        return cls(statistics.median(values), min(values), max(values), len(values))

    def times(self, factor: float) -> Runs:
        """In another unit."""
        return Runs(self.median * factor, self.min * factor, self.max * factor, self.runs)


def take_turns(calls: Mapping[str, Callable[[], object]], seconds: float) -> dict[str, list[float]]:
    """The seconds that each run of each call took.

    Each is called once without being counted, and then once at least. From then on it goes on until the time is over;
    a call that would take longer than what is left is left out.
    """
    end = time.perf_counter() + seconds
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    first = True
    while first or time.perf_counter() < end:
        begun = False
        for name, call in calls.items():
            left = end - time.perf_counter()
            if first or statistics.median(taken[name]) <= left:
                taken[name] += _turn(call, left)
                begun = True
        first = False
        if not begun:
            break
    return taken


def _turn(call: Callable[[], object], left: float) -> list[float]:
    """One run, or as many as make a turn."""
    runs: list[float] = []
    while not runs or sum(runs) + runs[-1] <= min(_TURN, left):
        start = time.perf_counter()
        call()
        runs.append(time.perf_counter() - start)
    return runs
