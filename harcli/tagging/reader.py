"""Photos decoded ahead of their use, in threads, within a bound on memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.photos.decode import decode
from harcli.photos.errors import PhotoError

Pixels = NDArray[np.uint8]


def read_ahead(
    paths: Iterable[Path], max_megapixels: float, workers: int, ahead: int, budget: int
) -> Iterator[tuple[Path, Pixels | PhotoError]]:
    """Each photo's pixels, uint8 `(H, W, 3)`, or what is wrong with it, in the order of `paths`.

    Args:
        workers: threads that decode.
        ahead: photos that are decoded or being decoded beyond the one in use.
        budget: bytes of decoded photos that may wait; no further decoding is begun beyond it.
    """
    waiting: deque[tuple[Path, Future[Pixels | PhotoError]]] = deque()
    # Bytes of a photo that is not decoded yet: photos of one folder are mostly of one size. Two are begun unseen.
    guess = budget // 2
    rest = iter(paths)
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        try:
            while True:
                while (
                    len(waiting) <= ahead and _held(waiting, guess) < budget and (path := next(rest, None)) is not None
                ):
                    waiting.append((path, pool.submit(_decode, path, max_megapixels)))
                if not waiting:
                    return
                path, future = waiting.popleft()
                pixels = future.result()
                guess = guess if isinstance(pixels, PhotoError) else pixels.nbytes
                yield path, pixels
        finally:
            # On Ctrl-C too: what is being decoded ends, what is not is dropped.
            pool.shutdown(wait=False, cancel_futures=True)


def _decode(path: Path, max_megapixels: float) -> Pixels | PhotoError:
    try:
        return decode(path, max_megapixels)
    except PhotoError as error:
        return error


def _held(waiting: Iterable[tuple[Path, Future[Pixels | PhotoError]]], guess: int) -> int:
    """Bytes of the photos that are decoded, and a guess for those that are not yet."""
    return sum(_size(future.result()) if future.done() else guess for _, future in waiting)


def _size(pixels: Pixels | PhotoError) -> int:
    return 0 if isinstance(pixels, PhotoError) else pixels.nbytes
