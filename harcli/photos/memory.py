"""Memory for decoding and for decoded photos, given out in the order of the photos, so that none waits for ever."""

from __future__ import annotations

import threading
import time
from collections import deque

from harcli.runtime.flow import Stopped


class Memory:
    """So many bytes for all photos that are being decoded or wait to be looked at."""

    def __init__(self, limit: int) -> None:
        self._changed = threading.Condition()
        self._free = limit
        self._queue: deque[Share] = deque()  # of those that have not asked yet
        self._stopped = False

    def share(self) -> Share:
        """The share of the next photo."""
        share = Share(self)
        with self._changed:
            self._queue.append(share)
        return share

    def stop(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def take(self, share: Share, count: int) -> None:
        """See `Share.take`."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped or share.left or (share is self._queue[0] and count <= self._free)
            )
            if self._stopped or share.left:
                raise Stopped
            self._queue.popleft()
            self._free -= count
            share.held = count
            self._changed.notify_all()

    def keep(self, share: Share, count: int) -> None:
        """See `Share.keep` and `Share.give_back`."""
        with self._changed:
            if share.left:
                return
            if share in self._queue:
                self._queue.remove(share)
            self._free += share.held - count
            share.held = count
            self._changed.notify_all()


class Share:
    """What one photo holds of the memory, and since when its clock runs.

    Attributes:
        held: bytes.
        waiting: there is not room enough yet.
        left: nothing that comes of the photo is wanted any more.
    """

    def __init__(self, memory: Memory) -> None:
        self.held = 0
        self.waiting = self.left = False
        self._memory = memory
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """How long the photo has been worked on; waiting does not count."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    def begin(self) -> None:
        """The photo's clock runs from now on."""
        self._since = time.monotonic()

    def take(self, count: int) -> None:
        """Wait until all earlier photos have what they need and there are `count` bytes more. It may be asked once.

        Raises:
            Stopped: the photos are not wanted any more.
        """
        self._since, self.waiting = None, True
        try:
            self._memory.take(self, count)
        finally:
            self.waiting = False
        self.begin()

    def keep(self, count: int) -> None:
        """Hold so much of it on, and let later photos ask."""
        self._since = None
        self._memory.keep(self, count)

    def give_back(self) -> None:
        """Hold nothing any more."""
        self.keep(0)

    def leave(self) -> None:
        """Give back all, for a decoder that may never come back."""
        self.keep(0)
        self.left = True
