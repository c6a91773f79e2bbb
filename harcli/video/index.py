"""What a video file says of its own length: has an MP4 its index, which comes last; is an AVI as long as it says."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_UNKNOWN = 0xFFFFFFFF  # what stands there while the length is not known yet
_MOST = 1000  # boxes that are looked at


def lacks_index(path: Path) -> bool:
    """Whether it is a file of boxes (ISO/IEC 14496-12), and none of them is a whole `moov`."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        names: list[bytes] = []
        place = 0
        while place + 8 <= end and len(names) < _MOST:
            file.seek(place)
            head = file.read(16)
            size = int.from_bytes(head[:4], "big")
            if size == 1:
                size = int.from_bytes(head[8:16], "big")
            if size < 8:  # 0: to the end of the file, as recorders write before they know
                break
            place += size
            names.append(head[4:8] if place <= end else b"cut off")
        return names[:1] == [b"ftyp"] and b"moov" not in names
    return False


def lacks_end(path: Path) -> bool:
    """Whether an AVI says that it is longer than it is. FFmpeg drops what it has of its last frame without a word."""
    with path.open("rb") as file:
        head = file.read(12)
        end = file.seek(0, os.SEEK_END)
    said = int.from_bytes(head[4:8], "little")
    return head[:4] == b"RIFF" and head[8:] == b"AVI " and said != _UNKNOWN and 8 + said > end
