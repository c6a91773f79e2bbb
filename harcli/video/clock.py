"""Times in a video: seconds since its first frame, whatever stamps the file has."""

from __future__ import annotations

from typing import Any


class Clock:
    """Gives each frame its time, in the order of showing; time never goes back.

    Attributes:
        seekable: whether a place in the file follows from a time.
    """

    def __init__(self, stream: Any) -> None:
        """
        Args:
            stream: PyAV's `VideoStream`.
        """
        rate = stream.average_rate or stream.guessed_rate
        self._step = 1 / float(rate) if rate and 0.01 < rate < 10_000 else 1 / 25
        self._base = float(stream.time_base or 0)
        self._start = stream.start_time
        self._last: float | None = None
        self._shift = 0.0
        self.seekable = stream.start_time is not None and self._base > 0

    def time(self, frame: Any) -> float:
        """Seconds since the first frame. One without a stamp comes a usual step after the last one; where stamps begin
        anew, as in files that were joined, time goes on."""
        if frame.pts is None or not self._base:
            now = 0.0 if self._last is None else self._last + self._step
        else:
            if self._start is None:
                self._start = frame.pts
            now = (frame.pts - self._start) * self._base + self._shift
            if self._last is None:
                now = max(now, 0.0)
            elif now < self._last:
                self._shift += self._last + self._step - now
                now = self._last + self._step
        self._last = now
        return now

    def stamp(self, time: float) -> int:
        """The stamp of a time in seconds, in units of the stream's time base; only where the file is `seekable`."""
        return int(self._start + time / self._base)


def clock_time(seconds: float) -> str:
    """As players show it: `1:02:03`, `0:07`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
