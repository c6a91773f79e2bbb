"""Photos read ahead of their use, in threads, within a bound on memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.tagging.finding import Finding
from harcli.tagging.store import Identity

Pixels = NDArray[np.uint8]


@dataclass(slots=True)
class Photo:
    """A photo as it was read.

    Attributes:
        pixels: uint8 `(H, W, 3)`; None if it could not be read or need not be.
        finding: what is known of it already: from the store, or that it could not be read.
        identity: which content it has; None without a store, and where an error is not of the content.
        note: what is to be known of the pixels, one line; mostly empty.
    """

    path: Path
    pixels: Pixels | None = None
    finding: Finding | None = None
    identity: Identity | None = None
    note: str = ""


def read_ahead(
    paths: Iterable[Path], read: Callable[[Path], Photo], workers: int, ahead: int, budget: int
) -> Iterator[Photo]:
    """Each photo as `read` gives it, in the order of `paths`.

    Args:
        read: is called in threads.
        workers: threads that read.
        ahead: photos that are read or being read beyond the one in use.
        budget: bytes of decoded photos that may wait; no further reading is begun beyond it.
    """
    waiting: deque[Future[Photo]] = deque()
    # Bytes of a photo that is not decoded yet: photos of one folder are mostly of one size. Two are begun unseen.
    guess = budget // 2
    rest = iter(paths)
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        try:
            while True:
                while (
                    len(waiting) <= ahead and _held(waiting, guess) < budget and (path := next(rest, None)) is not None
                ):
                    waiting.append(pool.submit(read, path))
                if not waiting:
                    return
                photo = waiting.popleft().result()
                guess = _size(photo) or guess
                yield photo
        finally:
            # On Ctrl-C too: what is being decoded ends, what is not is dropped.
            pool.shutdown(wait=False, cancel_futures=True)


def _held(waiting: Iterable[Future[Photo]], guess: int) -> int:
    """Bytes of the photos that are decoded, and a guess for those that are not yet."""
    return sum(_size(future.result()) if future.done() else guess for future in waiting)


def _size(photo: Photo) -> int:
    return 0 if photo.pixels is None else photo.pixels.nbytes
