"""A video file to frames. It runs in a process of its own (`harcli.video.child`): a stranger's file may do anything."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli.photos.decode import check_kind, reason
from harcli.photos.errors import PhotoError
from harcli.video.clock import Clock, clock_time
from harcli.video.index import lacks_end, lacks_index
from harcli.video.upright import displayed_width, pixels_of

# Playlists would open other files, and addresses in the net: only what holds its pictures itself is opened.
_CONTAINERS = "mov,mp4,m4a,3gp,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,dv,rm,h264,hevc,mjpeg,m4v,mpegvideo"
_BUFFER = 2**20
_MISSING = 1.5  # seconds: a video that ends so much before its time is cut off


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a video.

    Attributes:
        time: seconds since the first one.
        pixels: uint8 `(H, W, 3)` RGB, as a player shows it.
    """

    time: float
    pixels: NDArray[np.uint8]


class Decoder:
    """Reads one file.

    Attributes:
        note: what is to be known of it when all frames are read, one line; mostly empty.
    """

    def __init__(self, path: Path, max_megapixels: float, threads: int) -> None:
        """
        Args:
            max_megapixels: a video with larger frames is refused.
            threads: that decode.
        """
        self._path, self._most, self._threads = path, max_megapixels * 1e6, threads
        self.note = ""
        self._broke_off = False

    def frames(self, fps: float) -> Iterator[Frame]:
        """The first frame, and then one for each `1 / fps` seconds that pass, at its own time.

        Raises:
            PhotoError: there is no picture that can be decoded.
        """
        with self._opened() as (container, stream):
            clock, due, last, broken = Clock(stream), 0.0, None, 0
            for frame in self._decoded(container, stream):
                if frame is None:
                    broken += 1
                    continue
                broken += frame.is_corrupt  # shown all the same: decoders fill in what is missing
                self._broke_off |= frame.is_corrupt
                last = clock.time(frame)
                if last >= due - 1e-6:
                    due = (math.floor(last * fps + 1e-6) + 1) / fps
                    yield self._frame(frame, last, stream)
            if last is None:
                raise PhotoError(self._path, "damaged: no picture in it can be decoded")
            self.note = self._remark(last, _seconds(container, stream), broken)

    def frame_at(self, time: float) -> Frame:
        """The frame that is shown at a time, which `frames` gave; it is found by way of the key frame before it.

        Raises:
            PhotoError: there is none.
        """
        with self._opened() as (container, stream):
            picture, shown = None, 0.0
            clock = Clock(stream)
            if clock.seekable and time > 1:
                container.seek(clock.stamp(time), stream=stream)
            for frame in self._decoded(container, stream):
                if frame is None:
                    continue
                now = clock.time(frame)
                if picture is None or now <= time + 1e-3:
                    picture, shown = frame, now
                if now >= time - 1e-3:
                    break
            if picture is None:
                raise PhotoError(self._path, f"no picture at {clock_time(time)}")
            return self._frame(picture, shown, stream)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        import av

        path = self._path
        try:
            check_kind(path)
            # A file object: FFmpeg would take some names of files for addresses.
            with (
                path.open("rb") as file,
                av.open(file, options={"format_whitelist": _CONTAINERS}, buffer_size=_BUFFER) as c,
            ):
                streams = [s for s in c.streams.video if not s.disposition & s.disposition.attached_pic]
                if not streams:
                    raise PhotoError(path, "no picture in it, only sound" if c.streams.audio else "no picture in it")
                stream = max(streams, key=lambda s: (bool(s.disposition & s.disposition.default), s.width * s.height))
                stream.thread_type = "AUTO"
                stream.codec_context.thread_count = self._threads
                yield c, stream
        except PhotoError:
            raise
        except av.error.FFmpegError as error:
            if lacks_index(path):
                raise PhotoError(path, "its index is missing: the recording or the copy broke off") from error
            raise PhotoError(path, f"damaged, or not a video that can be read ({error.strerror})") from error
        except Exception as error:  # PyAV raises ValueError, and others, for damaged files
            raise PhotoError(path, reason(error)) from error

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """The frames of a stream; None for a part that cannot be decoded. Whether that was the last one is kept."""
        import av

        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                if packet.size:  # an empty one asks for the frames that the decoder still holds
                    self._broke_off = packet.is_corrupt  # not whole; several threads do not say it of its frame
                yield from packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                self._broke_off = True
                yield None
                if packet is None:  # the container itself is damaged; nothing comes behind that
                    return

    def _frame(self, frame: Any, time: float, stream: Any) -> Frame:
        ratio = float(stream.sample_aspect_ratio or 1)
        if displayed_width(frame.width, ratio) * frame.height > self._most:
            raise PhotoError(
                self._path, f"more than {self._most / 1e6:g} megapixels; raise --max-megapixels to read it"
            )
        return Frame(time, pixels_of(frame, ratio))

    def _remark(self, last: float, stated: float, broken: int) -> str:
        if stated - last > max(_MISSING, 0.02 * stated):
            return f"cut off: ends after {clock_time(last)} of {clock_time(stated)}"
        if self._broke_off or lacks_end(self._path):
            return f"cut off: ends after {clock_time(last)}"
        return f"damaged in {broken} place{'s' if broken > 1 else ''}" if broken else ""


def _seconds(container: Any, stream: Any) -> float:
    """How long the video says that it is; 0 if it does not."""
    if stream.duration and stream.time_base:
        stated = float(stream.duration * stream.time_base)
    else:
        stated = container.duration / 1e6 if container.duration and not container.streams.audio else 0.0
    # Matroska says when it ends, which is later where its times begin late, as those of a recorded broadcast do.
    late = stream.start_time if "matroska" in container.format.name else None
    return max(stated - float((late or 0) * stream.time_base), 0.0) if stated else 0.0
