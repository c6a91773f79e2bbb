"""The frames of a video that show people best, for pictures of what was found."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits
from harcli.results import Seen
from harcli.video.installed import NEEDED, video_installed


def best_frames(path: Path, limits: Limits, people: Sequence[Seen]) -> Generator[NDArray[np.uint8], None, None]:
    """The pixels of the best frame of each person, uint8 `(H, W, 3)` RGB.

    Raises:
        PhotoError: the video cannot be read any more, or what reads it is not installed.
    """
    from harcli.video.frames import Film

    if not video_installed():
        raise PhotoError(path, NEEDED)
    return Film(path, limits).frames_at([seen.best for seen in people])
