"""Which files are videos, and whether there is what reads them."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import PurePath
from typing import Protocol

from harcli.errors import HarcliError
from harcli.extras import install
from harcli.photos.kinds import ANY_VIDEO_ENDINGS

NEEDED = f"video needs an extra: {install('video')}"
"""Why a video that was named could not be read."""

_PACKAGES = ("av", "trackers")


@functools.cache
def video_installed() -> bool:
    """Whether the packages of the extra `video` are there; they are not loaded."""
    return all(importlib.util.find_spec(name) is not None for name in _PACKAGES)


class _Named(Protocol):
    @property
    def suffix(self) -> str: ...


def is_video(path: _Named) -> bool:
    """Whether a file is a video, by its name. More kinds are read where they are named than are taken from folders."""
    return path.suffix.lower() in ANY_VIDEO_ENDINGS


def check_no_video(photo: PurePath) -> None:
    """
    Raises:
        HarcliError: it is a video.
    """
    if is_video(photo):
        raise HarcliError(f"{photo}: a video; tag it into a .db file, and `harcli report` shows its people")
