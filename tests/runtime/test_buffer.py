"""Memory that is used again, by one thread."""

from __future__ import annotations

import threading

import numpy as np

from harcli.runtime import Buffer


def test_it_is_used_again_and_grows() -> None:
    buffer = Buffer()
    large = buffer.array((2, 3, 4), np.float32)
    large[:] = 1
    small = buffer.array((3, 4), np.float16)
    assert (small.shape, small.dtype) == ((3, 4), np.float16)
    assert np.shares_memory(large, small)
    assert not np.shares_memory(large, buffer.array((5, 5, 5), np.float32))


def test_each_thread_has_its_own() -> None:
    buffer = Buffer()
    arrays = [buffer.array((4,), np.float32)]
    thread = threading.Thread(target=lambda: arrays.append(buffer.array((4,), np.float32)))
    thread.start()
    thread.join()
    assert not np.shares_memory(*arrays)
