"""Whether an MP4 or MOV file has its index, which is written last: without it, no frame can be found."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

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
