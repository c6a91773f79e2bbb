"""Decode a photo in a process of its own, which can be ended: no decoder can be stopped from within."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits
from harcli.runtime.child import child_command

_STARTING = 10.0  # seconds for Python and its packages to load


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
    child = subprocess.Popen(
        [*child_command("harcli.photos.apart_child"), json.dumps(request), os.fspath(path)],
        stdin=subprocess.PIPE,  # closed when this process ends, however it ends: the other one ends too
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what libraries say of damaged files
        start_new_session=True,  # Ctrl-C is for this process to deal with
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    clock = threading.Timer(limits.seconds + _STARTING, end)
    clock.daemon = True
    clock.start()
    try:
        assert child.stdout is not None
        return _receive(child.stdout, path)
    except EOFError as error:
        # By its own clock, which begins when it is ready, or by ours.
        if late.is_set() or child.wait() == -getattr(signal, "SIGALRM", 0):
            raise PhotoError(path, too_long(limits.seconds)) from error
        raise PhotoError(path, "damaged: its decoder broke down") from error
    finally:
        clock.cancel()
        end_of(child)


def end_of(child: subprocess.Popen[bytes]) -> None:
    """End a process, whatever it is doing."""
    child.kill()
    child.communicate()


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
