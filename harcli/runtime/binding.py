"""Run a session; on NVIDIA's cards by ONNX Runtime's IO binding."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harcli.runtime.session import active_provider

if TYPE_CHECKING:
    import onnxruntime as ort


PLACES = 16
"""Shapes whose place on a card is kept."""


class Runner:
    """Inputs in, outputs out, all as arrays of this machine's memory.

    On a card each shape of an input has one place in the card's memory, which is written anew for each run, instead of
    one that is found and let go each time; there are few shapes, since batches are padded there. Of more than `PLACES`
    the one that was used least recently goes.
    """

    def __init__(self, session: ort.InferenceSession, device: str | None = None) -> None:
        """
        Args:
            device: where inputs are put, `cuda` or `cpu`; None: `cuda` where CUDA or TensorRT computes, else nowhere:
                the session takes them as they are. `cpu` is for tests.
        """
        provider = active_provider(session)
        self._session = session
        self._device = device or ("cuda" if provider in ("cuda", "tensorrt") else "")
        self._alone = bool(self._device) or provider == "dml"  # DirectML's sessions do not bear several threads
        self._places: dict[tuple[Any, ...], Any] = {}
        self._lock = threading.Lock()

    def run(self, names: Sequence[str] | None, feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """The named outputs, all of them for None. May be called from several threads.

        Raises:
            Exception: whatever ONNX Runtime raises.
        """
        with self._lock if self._alone else contextlib.nullcontext():
            if self._device:
                return self._run_bound(names, feed)
            outputs: list[NDArray[Any]] = self._session.run(names and list(names), dict(feed))
            return outputs

    def _run_bound(self, names: Sequence[str] | None, feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        binding = self._session.io_binding()
        for name, values in feed.items():
            binding.bind_ortvalue_input(name, self._placed(name, np.ascontiguousarray(values)))
        for name in names or [output.name for output in self._session.get_outputs()]:
            binding.bind_output(name)  # in this machine's memory
        self._session.run_with_iobinding(binding)
        return list(binding.copy_outputs_to_cpu())

    def _placed(self, name: str, values: NDArray[Any]) -> Any:
        """The values on the device."""
        import onnxruntime as ort

        key = (name, values.shape, values.dtype.str)
        place = self._places.pop(key, None)
        if place is None:
            place = ort.OrtValue.ortvalue_from_numpy(values, self._device, 0)
            if len(self._places) >= PLACES:
                del self._places[next(iter(self._places))]
        else:
            place.update_inplace(values)
        self._places[key] = place  # behind those that were used before
        return place
