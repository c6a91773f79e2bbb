"""The other end of `harcli.photos.apart`: decodes one photo, sends its pixels, and lives no longer than it may."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from harcli.photos.decode import load, opened, reason, turn_of
from harcli.photos.errors import PhotoError
from harcli.photos.modes import rgb_strips, turned_size
from harcli.runtime import limit_threads

_SPARE = 2**28  # bytes beyond what the photo was said to need


def main() -> None:
    """Decode the photo that the command line names: paths, a request in JSON, the photo."""
    request = json.loads(sys.argv[2])
    out = sys.stdout.buffer
    threading.Thread(target=end_with_parent, daemon=True).start()
    limit_threads(1)
    if hasattr(signal, "setitimer"):  # the system's own clock: no decoder can hold it up
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    limit_memory(request["bytes"] + _SPARE)
    path = Path(sys.argv[3])
    try:
        with opened(path, request["megapixels"], request["shrink"]) as header:
            image, note = load(header, path)
            turn = turn_of(image)
            width, height = turned_size(image, turn)
            out.write(line(width=width, height=height, note=note))
            for strip in rgb_strips(image, turn):
                out.write(np.ascontiguousarray(strip).data)
            out.flush()
    except PhotoError as error:
        out.write(line(error=error.reason, memory=isinstance(error.__cause__, MemoryError)))
    except MemoryError as error:
        out.write(line(error=reason(error), memory=True))
    out.flush()
    os._exit(0)


def line(**said: Any) -> bytes:
    """What is said to the process that waits."""
    return json.dumps(said).encode() + b"\n"


def end_with_parent() -> None:
    """Standard input ends when the process that waits for the pixels does."""
    with contextlib.suppress(OSError):
        os.read(0, 1)
    os._exit(1)


def limit_memory(more: int) -> None:
    """Let this process take so many bytes more than it has now, where the system can see to it."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[5])  # data and stack
        limit = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_DATA, (math.ceil(limit), math.ceil(limit)))
    except (ImportError, OSError, ValueError, IndexError):  # no Linux: its header's word must do
        return
