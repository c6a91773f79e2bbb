"""Frames of a video, decoded in another process: it takes little memory, can be ended, and may break down."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.photos.apart import (
    STARTING,
    Deadline,
    end_decoder,
    receive_line,
    receive_pixels,
    start_decoder,
    too_long,
)
from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits
from harcli.runtime import thread_count
from harcli.video.clock import clock_time
from harcli.video.decode import Frame

_THREADS = 4  # that decode; more hold more frames in memory, and leave nothing for the networks


class Film:
    """A video that is read once, from its beginning to its end.

    Attributes:
        note: what is to be known of it when all frames have come, one line; mostly empty.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        """
        Args:
            limits: of the size of a frame, of memory, and of the seconds until the next frame comes.
        """
        self._path, self._limits = path, limits
        self.note = ""

    def frames(self, fps: float) -> Generator[Frame, None, None]:
        """See `harcli.video.decode.Decoder.frames`. What breaks off later keeps the frames that have come.

        Raises:
            PhotoError: there is no picture that can be decoded, or none comes in time.
        """
        last: Frame | None = None
        try:
            for last in self._received({"fps": fps, "at": []}):
                yield last
        except PhotoError as error:
            if last is None:
                raise
            self.note = f"read to {clock_time(last.time)} only: {error.reason}"

    def frames_at(self, times: Sequence[float]) -> Generator[NDArray[np.uint8], None, None]:
        """The pixels at times that `frames` gave, uint8 `(H, W, 3)` RGB each.

        Raises:
            PhotoError: there are none.
        """
        for frame in self._received({"fps": 1, "at": times}) if times else ():
            yield frame.pixels

    def _received(self, wanted: dict[str, float | Sequence[float]]) -> Generator[Frame, None, None]:
        limits, path = self._limits, self._path
        threads = min(thread_count(), _THREADS)
        request = {**wanted, "megapixels": limits.megapixels, "bytes": limits.bytes, "threads": threads}
        child = start_decoder("harcli.video.child", request, path)
        assert child.stdout is not None
        try:
            while True:
                with Deadline(child, limits.seconds + STARTING) as deadline:
                    try:
                        head = receive_line(child.stdout, path)
                        if "time" not in head:
                            self.note = head["note"]
                            return
                        pixels = receive_pixels(child.stdout, head)
                    except EOFError as error:
                        late = too_long(limits.seconds) if deadline.passed else "damaged: its decoder broke down"
                        raise PhotoError(path, late) from error
                yield Frame(head["time"], pixels)
        finally:
            end_decoder(child)
