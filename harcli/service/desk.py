"""Who may hand in a photo, and how long an answer may take."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import CancelledError, Future
from pathlib import Path

from harcli.errors import HarcliError
from harcli.results import Record
from harcli.service.refused import Refused, busy
from harcli.tagging.live import Live

_OLD = 0.9
"""Of the seconds a photo that the estimate keeps with each new photo."""


class Desk:
    """Takes photos in, not more than there may be, and gives the records out."""

    def __init__(self, live: Live, queue: int, seconds: float) -> None:
        """
        Args:
            queue: photos that may wait or be looked at.
            seconds: for each of them, waiting included.
        """
        self._live, self._queue, self._seconds = live, queue, seconds
        self._lock = threading.Lock()
        self._places = 0
        self._rate = 0.2  # seconds from one answer to the next, while there are photos; a guess to begin with
        self._last = time.monotonic()

    @property
    def places(self) -> int:
        """How many are taken."""
        return self._places

    def check(self, count: int = 1) -> None:
        """Raises Refused if there are not so many places."""
        if self._places + count > self._queue:
            raise busy(
                f"{self._places} photos are waiting, and not more than {self._queue} may; try again later",
                self._rate * (self._places + count - self._queue),
            )

    def take(self, count: int = 1) -> None:
        """Take places. Each is given back by `records` or by `give_back`.

        Raises:
            Refused: there are not so many.
        """
        with self._lock:
            self.check(count)
            self._places += count

    def give_back(self, _: object = None) -> None:
        """A place is free again."""
        with self._lock:
            self._places -= 1
            now = time.monotonic()
            self._rate = _OLD * self._rate + (1 - _OLD) * min(now - self._last, self._seconds)
            self._last = now

    async def records(self, path: Path, name: str) -> list[Record]:
        """The records of a photo that has a place, which is free as soon as the photo is not worked on any more.

        Raises:
            Refused: it took too long, failed, or the service stops.
        """
        future: Future[list[Record]] = self._live.tag(path, name)
        future.add_done_callback(self.give_back)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except asyncio.TimeoutError:
            raise Refused(503, f"not done within {self._seconds:g} s; try again later", {"Retry-After": "10"}) from None
        except CancelledError:
            raise Refused(503, "the service is being stopped", {"Retry-After": "10"}) from None
        except (HarcliError, MemoryError) as error:
            raise Refused(500, "detection or recognition failed with this photo") from error
