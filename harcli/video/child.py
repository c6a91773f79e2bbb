"""The other end of `harcli.video.frames`: decodes a video, and sends a line of JSON and the pixels for each frame."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from harcli.photos.apart_child import end_with_parent, limit_memory, line
from harcli.photos.decode import reason
from harcli.photos.errors import PhotoError
from harcli.video.decode import Decoder, Frame

_AHEAD = 3
"""Frames that are decoded before they are asked for."""


def main() -> None:
    """Decode the video that the command line names: paths, a request in JSON, the video."""
    request = json.loads(sys.argv[2])
    threading.Thread(target=end_with_parent, daemon=True).start()
    decoder = Decoder(Path(sys.argv[3]), request["megapixels"], request["threads"])
    import av  # noqa: F401  (its libraries do not count; its log level stays unset: set, its threads wait for each other)

    limit_memory(request["bytes"])
    waiting: queue.Queue[Frame | dict[str, Any]] = queue.Queue(_AHEAD)
    threading.Thread(target=_decode, args=(decoder, request, waiting), daemon=True).start()
    out = sys.stdout.buffer
    while isinstance(item := waiting.get(), Frame):
        height, width = item.pixels.shape[:2]
        out.write(line(time=item.time, width=width, height=height))
        out.write(item.pixels.data)
        out.flush()
    out.write(line(**item))
    out.flush()
    os._exit(0)


def _decode(decoder: Decoder, request: dict[str, Any], waiting: queue.Queue[Any]) -> None:
    """Put all frames that are asked for into the queue, then how it ended."""
    try:
        for time in request["at"]:
            waiting.put(decoder.frame_at(time))
        if not request["at"]:
            for frame in decoder.frames(request["fps"]):
                waiting.put(frame)
        waiting.put({"note": decoder.note})
    except PhotoError as error:
        waiting.put({"error": error.reason, "memory": isinstance(error.__cause__, MemoryError)})
    except BaseException as error:
        waiting.put(
            {
                "error": reason(error) if isinstance(error, Exception) else "its decoder broke down",
                "memory": isinstance(error, MemoryError),
            }
        )
