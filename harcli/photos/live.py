"""Live Photos: phones take some seconds of video with a photo, and keep both under one name."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path, PurePath
from typing import TypeVar

_HEIC = frozenset({".heic", ".heif"})
_JPEG = frozenset({".jpg", ".jpeg"})
_MARK = b"com.apple.quicktime.content.identifier"
_LARGEST = 64 * 2**20  # bytes: three seconds have some ten millions


File = TypeVar("File", bound=PurePath)


def live_videos_of(files: Collection[File]) -> set[File]:
    """The videos that belong to a photo among the files, of the same name in the same folder.

    A MOV beside a HEIC does. Beside a JPEG, which other cameras may name like a video, it has to say so itself,
    which only a file here can.
    """
    videos = [file for file in files if file.suffix.lower() == ".mov"]
    photos: dict[tuple[PurePath, str], bool] = {}
    for file in files if videos else ():
        ending = file.suffix.lower()
        if ending in _HEIC or ending in _JPEG:
            key = file.parent, file.stem.lower()
            photos[key] = photos.get(key, False) or ending in _HEIC
    return {
        video
        for video in videos
        if (by_name := photos.get((video.parent, video.stem.lower()))) is not None and (by_name or _is_marked(video))
    }


def _is_marked(video: PurePath) -> bool:
    """Whether a video says that it belongs to a photo."""
    with contextlib.suppress(OSError):
        return isinstance(video, Path) and video.stat().st_size <= _LARGEST and _MARK in video.read_bytes()
    return False
