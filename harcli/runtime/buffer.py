"""Memory for the input of a network, used again for each batch."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Buffer(threading.local):
    """One piece of memory for each thread, as large as the largest batch was."""

    def __init__(self) -> None:
        self._memory = np.empty(0, np.uint8)

    def array(self, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array with whatever is in it, which holds until the same thread asks for the next one."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if size > self._memory.nbytes:
            self._memory = np.empty(size, np.uint8)
        array: NDArray[Any] = self._memory[:size].view(dtype).reshape(shape)
        return array
