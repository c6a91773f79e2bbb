"""How long a run will still take."""

from __future__ import annotations

import time
from collections.abc import Callable


class Remaining:
    """An estimate from the whole run so far: photos are done in bursts, a batch at a time, and known ones at once."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            total: photos to come.
            clock: seconds from any start.
        """
        self._total = total
        self._clock = clock
        self._start = clock()
        self._at = self._start
        self._seconds: float | None = None

    def done(self, photos: int, computed: int) -> None:
        """Tell how far the run is.

        Args:
            photos: that are done.
            computed: that cost time, perhaps more than are done yet; the others were known, or could not be read.
        """
        self._at = self._clock()
        # All that are left are taken for new ones. Where nothing is, the known ones are what there is to go by.
        self._seconds = (self._at - self._start) / max(computed or photos, 1) * (self._total - photos)

    def seconds(self) -> float | None:
        """From now on; None while nothing is done."""
        return None if self._seconds is None else max(0.0, self._seconds - (self._clock() - self._at))

    def __str__(self) -> str:
        """As a clock shows it: `2:05:00`, or `-:--:--` while nothing is known."""
        seconds = self.seconds()
        if seconds is None:
            return "-:--:--"
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
