"""How long each stage of a run is at work, so that it can be said which one bounds the whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

READ = "read and decode"
DETECT = "detect"
CROP = "crop"
RECOGNISE = "recognise"
KEEP = "keep"
COMPUTE = "compute"
"""Detect, crop and recognise together: they share their threads, so it is their sum that bounds a run."""
_SHARED = (DETECT, CROP, RECOGNISE)


class Busy:
    """Seconds at work by stage, over all threads of the stage. Its methods may be called from several threads.

    Attributes:
        threads: how many a stage has, where that is more than one.
    """

    def __init__(self, threads: Mapping[str, int] | None = None) -> None:
        self.threads = dict(threads or {})
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def seconds(self) -> dict[str, float]:
        """By stage, so far; of what is finished."""
        with self._lock:
            return dict(self._seconds)

    @contextmanager
    def at(self, stage: str) -> Iterator[None]:
        """The stage is at work inside of this."""
        start = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - start
            with self._lock:
                self._seconds[stage] = self._seconds.get(stage, 0.0) + taken

    def shares(self, before: Mapping[str, float], passed: float) -> dict[str, float]:
        """Which share of the time each stage was at work, and `COMPUTE`, 0..1, the busiest first.

        Args:
            before: `seconds` at the beginning.
            passed: seconds since then.
        """
        stages = {stage: total - before.get(stage, 0.0) for stage, total in self.seconds.items()}
        used = {COMPUTE: sum(stages.get(stage, 0.0) for stage in _SHARED), **stages}
        shares = {stage: seconds / passed / self.threads.get(stage, 1) for stage, seconds in used.items()}
        return dict(sorted(shares.items(), key=lambda item: -item[1]))
