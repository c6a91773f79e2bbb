"""Photos read ahead of their use, in threads, within a bound on memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harcli.photos.apart import too_long
from harcli.photos.limits import NO_LIMITS, Limits
from harcli.photos.memory import Memory, Share
from harcli.remote.photo import PhotoPlace
from harcli.runtime.daemons import Daemons
from harcli.runtime.flow import Stopped
from harcli.tagging.content import Identity
from harcli.tagging.finding import Finding

Pixels = NDArray[np.uint8]

_LOOK = 0.1  # seconds between two looks at a photo that is not there yet
GRACE = 15.0
"""Seconds beyond a photo's time until its thread is left to itself: processes that decode end themselves."""


_NONE = Memory(0)


def _nothing() -> Share:
    return Share(_NONE)


@dataclass(slots=True)
class Photo:
    """A photo on its way.

    Attributes:
        pixels: uint8 `(H, W, 3)`; None if it could not be read or need not be.
        finding: what is known of it already: from the store, or that it could not be read.
        identity: which content it has; None without a store, and where an error is not of the content.
        note: what is to be known of the pixels, one line; mostly empty.
        share: of the memory, to be given back when the pixels are let go.
    """

    path: PhotoPlace
    pixels: Pixels | None = None
    finding: Finding | None = None
    identity: Identity | None = None
    note: str = ""
    share: Share = field(default_factory=_nothing)


@dataclass(slots=True)
class _Task:
    """A photo that is being read; or that is known, and need not be."""

    photo: Photo
    done: Future[None] | None

    @property
    def over(self) -> bool:
        return self.done is None or self.done.done()


def read_ahead(
    photos: Iterable[Photo],
    read: Callable[[Photo], None],
    workers: int,
    ahead: int,
    budget: int,
    limits: Limits = NO_LIMITS,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Photo | None]:
    """Each photo as `read` gives it, in the order of `photos`; those that have a finding already, as they are.

    None comes where the next one waits for memory: the photos that came before are to give back their shares.

    Args:
        read: is called in threads to fill in a photo; it sees to its share of the memory.
        workers: threads that read.
        ahead: photos that are read or being read beyond the one in use.
        budget: bytes of decoded photos that may wait; no further reading is begun beyond it.
        limits: the memory of all photos together, and the time of one.
        stopped: whether no photo is wanted any more.

    Raises:
        Stopped: none is.
    """
    waiting: deque[_Task] = deque()
    # Bytes of a photo that is not decoded yet: photos of one folder are mostly of one size. Two are begun unseen.
    guess = budget // 2
    rest = iter(photos)
    memory = Memory(limits.bytes)
    pool = Daemons(workers, "decode")
    try:
        while True:
            while len(waiting) <= ahead and _held(waiting, guess) < budget and (new := next(rest, None)) is not None:
                if new.finding is not None and not waiting:
                    yield new
                    continue
                waiting.append(_begun(new, memory, pool, read))
            if not waiting:
                return
            photo = yield from _result(waiting[0], limits, pool, stopped)
            waiting.popleft()
            guess = _size(photo) or guess
            yield photo
    finally:
        # On Ctrl-C too: what is being decoded is not waited for, what is not is dropped.
        memory.stop()
        for task in waiting:
            if task.done is not None:
                task.done.cancel()
        pool.stop()


def _begun(photo: Photo, memory: Memory, pool: Daemons, read: Callable[[Photo], None]) -> _Task:
    if photo.finding is not None:
        return _Task(photo, None)
    photo.share = memory.share()
    return _Task(photo, pool.submit(read, photo))


def _result(task: _Task, limits: Limits, pool: Daemons, stopped: Callable[[], bool]) -> Generator[None, None, Photo]:
    """The photo when it is read, or has taken too long: then its thread is left to itself."""
    if task.done is None:
        return task.photo
    share = task.photo.share
    while not task.done.done():
        wait([task.done], _LOOK)
        if stopped():
            raise Stopped
        if share.waiting:
            yield None
        elif share.seconds > limits.seconds + GRACE and not task.done.done():
            share.leave()
            pool.add_thread()
            late = Finding(error=too_long(limits.seconds))
            return Photo(task.photo.path, finding=late, identity=task.photo.identity, share=share)
    task.done.result()
    return task.photo


def _held(waiting: Iterable[_Task], guess: int) -> int:
    """Bytes of the photos that are decoded, and a guess for those that are not yet."""
    return sum(_size(task.photo) if task.over else guess for task in waiting)


def _size(photo: Photo) -> int:
    return 0 if photo.pixels is None else photo.pixels.nbytes
