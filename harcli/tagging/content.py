"""Which file is which: by content, with the file system's word taken for it only where that is safe."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from harcli.folders import SETTLED
from harcli.photos.decode import open_photo
from harcli.photos.sidecar import BY_SIDECAR, stated_orientation
from harcli.remote.photo import PhotoPlace

CHUNK = 1 << 20

Stamp = tuple[int, int, int, int, int]
"""Device, inode, size, and times of the last change of content and of status in nanoseconds. Of an object elsewhere:
`_ELSEWHERE`, half a hash of its etag, size, the other half, 0."""

_ELSEWHERE = -1  # no device has this number
_UNKNOWN: Stamp = (_ELSEWHERE, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Identity:
    """A file as it was when it was looked up: its content's hash, and the file system's stamp."""

    path: PhotoPlace
    content: bytes
    stamp: Stamp

    @property
    def holds(self) -> bool:
        """Whether the file has not changed since. The content of an object was taken of the copy that was decoded."""
        if not isinstance(self.path, Path):
            return True
        try:
            return stamp(self.path) == self.stamp
        except OSError:
            return False


def digest(path: Path) -> bytes:
    """A 32-byte hash of the file's content.

    Raises:
        OSError: it cannot be read.
    """
    state = hashlib.blake2b(digest_size=32)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            state.update(chunk)
    return state.digest()


def as_turned(content: bytes, path: Path) -> bytes:
    """The hash of a photo's content as it is seen: another one if its sidecar turns it otherwise than its EXIF data."""
    if stated_orientation(path) is None:
        return content
    with contextlib.suppress(Exception), open_photo(path) as image:  # whatever it is, the decoder will say so
        if turned := image.info.get(BY_SIDECAR):
            return hashlib.blake2b(content + bytes([turned]), digest_size=32).digest()
    return content


def stamp(path: PhotoPlace) -> Stamp:
    """What the file system says of the file, or the server of the object.

    Raises:
        OSError: it is not there.
    """
    if not isinstance(path, Path):
        if not path.etag or path.size is None:
            return _UNKNOWN
        state = hashlib.blake2b(path.etag.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        first, second = (int.from_bytes(half, "little", signed=True) for half in (state[:8], state[8:]))
        return _ELSEWHERE, first, path.size, second, 0
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def reliable(found: Stamp) -> bool:
    """Whether an equal stamp later on means equal content.

    Programs can set the time of the content's change at will, that of the status's change (ctime) not; Windows has
    none, so files are hashed there each time. An object's etag changes with its content.
    """
    if found[0] == _ELSEWHERE:
        return found != _UNKNOWN
    return os.name == "posix" and time.time() - found[4] / 1e9 > SETTLED
