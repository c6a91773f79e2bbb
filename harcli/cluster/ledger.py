"""Which photos kill the processes that look at them.

Ray restarts a process that has died and gives it its block again. The ledger is asked at the beginning of each attempt:
the first one goes at full speed, the others one photo at a time, so that it is known which photo is at fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

DEATHS = 3
"""Of processes, until a photo is given up."""

_UNEXPLAINED = 10
"""Attempts at one block that may end while no photo is looked at, until the run is given up."""


class Ledger:
    """Kept by one process of the cluster's first node, which no photo can kill."""

    def __init__(self) -> None:
        self._attempts: Counter[str] = Counter()
        self._deaths: dict[str, Counter[int]] = {}
        self._at: dict[str, int] = {}

    def begin(self, block: str) -> tuple[int, dict[int, int]]:
        """An attempt at a block begins; those before it have failed.

        Returns:
            How many there were before, and how many of these ended with each photo, by its number.
        """
        before = self._attempts[block]
        self._attempts[block] += 1
        deaths = self._deaths.setdefault(block, Counter())
        if (number := self._at.pop(block, None)) is not None:
            deaths[number] += 1
        return before, dict(deaths)

    def at(self, block: str, number: int) -> None:
        """A photo is about to be looked at, alone."""
        self._at[block] = number

    def past(self, block: str) -> None:
        """The photos have been looked at."""
        self._at.pop(block, None)

    def done(self, block: str) -> None:
        """The block's records are written."""
        for kept in (self._attempts, self._deaths, self._at):
            kept.pop(block, None)


def given_up(number: int, before: int, deaths: Mapping[int, int]) -> bool:
    """Whether a photo is not looked at any more. Of three processes that have died, the first one had several photos
    at hand; the photo was the only one of the two others."""
    others = sum(deaths.values()) - deaths.get(number, 0)
    return deaths.get(number, 0) >= DEATHS - 1 and before - others >= DEATHS


def hopeless(before: int, deaths: Mapping[int, int]) -> bool:
    """Whether a block fails again and again, and no photo is at fault."""
    return before - sum(deaths.values()) >= _UNEXPLAINED
