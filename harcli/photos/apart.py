"""Decode a photo in a process of its own, which can be ended: no decoder can be stopped from within.

`harcli.video.frames` starts, hears and ends its process by the same functions.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits
from harcli.runtime.child import child_command

STARTING = 10.0
"""Seconds for Python and its packages to load, in a process that decodes."""


def can_decode_apart() -> bool:
    """Whether processes can be started: a program that Python is embedded in does not say where Python is."""
    return bool(sys.executable)


def decode_apart(path: Path, limits: Limits, peak: int, shrink: float = 1.0) -> tuple[NDArray[np.uint8], str]:
    """As `decode_noted`, in another process. It is ended after the time that a photo may take.

    Args:
        peak: bytes that decoding may take; the process gets little more.

    Raises:
        PhotoError: the photo cannot be read, takes too long, or needs more memory than its header says.
    """
    request = {"megapixels": limits.megapixels, "seconds": limits.seconds, "bytes": peak, "shrink": shrink}
    child = start_decoder("harcli.photos.apart_child", request, path)
    assert child.stdout is not None
    try:
        with Deadline(child, limits.seconds + STARTING) as deadline:
            try:
                return _receive(child.stdout, path)
            except EOFError as error:
                # By its own clock, which begins when it is ready, or by ours.
                if deadline.passed or child.wait() == -getattr(signal, "SIGALRM", 0):
                    raise PhotoError(path, too_long(limits.seconds)) from error
                raise PhotoError(path, "damaged: its decoder broke down") from error
    finally:
        end_decoder(child)


def start_decoder(module: str, request: Mapping[str, Any], path: Path) -> subprocess.Popen[bytes]:
    """Start a process that decodes a file, and writes what it finds to its standard output.

    Args:
        module: that it runs; the command line has the request, as JSON, and the file.
    """
    return subprocess.Popen(
        [*child_command(module), json.dumps(request), os.fspath(path)],
        stdin=subprocess.PIPE,  # closed when this process ends, however it ends: the other one ends too
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what libraries say of damaged files
        start_new_session=True,  # Ctrl-C is for this process to deal with
    )


def end_decoder(child: subprocess.Popen[bytes]) -> None:
    """End a process, whatever it is doing."""
    child.kill()
    child.communicate()


class Deadline:
    """Ends a process that takes too long.

    Attributes:
        passed: whether it did.
    """

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self.passed = False
        self._child = child
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *about: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.passed = True
        self._child.kill()


def too_long(seconds: float) -> str:
    """Why a photo was given up."""
    return f"takes longer than {seconds:g} s to decode; raise --photo-timeout to read it"


def _receive(stream: IO[bytes], path: Path) -> tuple[NDArray[np.uint8], str]:
    """What `apart_child` sends: a line of JSON, then the pixels.

    Raises:
        PhotoError: it says that the photo cannot be read.
        EOFError: it has ended before its time.
    """
    head = receive_line(stream, path)
    return receive_pixels(stream, head), head["note"]


def receive_line(stream: IO[bytes], path: Path) -> dict[str, Any]:
    """A line of JSON from a process that decodes.

    Raises:
        PhotoError: it says that the file cannot be read.
        EOFError: it has ended before its time.
    """
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head: dict[str, Any] = json.loads(line)
    if "error" in head:
        raise PhotoError(path, head["error"]) from (MemoryError() if head["memory"] else None)
    return head


def receive_pixels(stream: IO[bytes], head: dict[str, Any]) -> NDArray[np.uint8]:
    """The pixels that follow a line with their `width` and `height`.

    Raises:
        EOFError: it has ended before its time.
    """
    pixels = np.empty((head["height"], head["width"], 3), np.uint8)
    rest = pixels.data.cast("B")
    while rest:
        count = stream.readinto(rest)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        rest = rest[count:]
    pixels.flags.writeable = False
    return pixels
