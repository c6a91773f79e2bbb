"""The frame of a video that shows a person best, for pictures of what was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits
from harcli.results import Seen
from harcli.video.installed import NEEDED, video_installed


def frame_at(path: Path, limits: Limits, seen: Seen) -> NDArray[np.uint8]:
    """The pixels, uint8 `(H, W, 3)` RGB.

    Raises:
        PhotoError: the video cannot be read any more, or what reads it is not installed.
    """
    from harcli.video.frames import Film

    if not video_installed():
        raise PhotoError(path, NEEDED)
    return Film(path, limits).frame_at(seen.best)
