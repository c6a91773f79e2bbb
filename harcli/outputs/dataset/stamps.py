"""By what a photo is known again without reading it."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from harcli.folders import SETTLED
from harcli.photos.sidecar import sidecar_of
from harcli.remote.photo import PhotoPlace

STAMP_COLUMNS = {"photo_etag": "string", "photo_bytes": "int64", "photo_modified": "int64"}
"""The columns of a stamp, with their types."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a server or file system said of a photo when it was listed.

    Attributes:
        etag: of the object, with that of its sidecar; empty for files, and where the server has none.
        size: bytes; None if it is not known.
        modified: of files, when the photo or its sidecar was last changed, in nanoseconds since 1970; None if that is
            not known, or was only just now.
    """

    etag: str = ""
    size: int | None = None
    modified: int | None = None

    @property
    def holds(self) -> bool:
        """Whether an equal stamp later on means an equal photo."""
        return self.size is not None and bool(self.etag or self.modified is not None)


@dataclass(frozen=True, slots=True)
class Named:
    """A photo to be tagged.

    Attributes:
        name: its path or URL as it stands in the results.
        place: where it is; a file's path is absolute.
    """

    name: str
    place: PhotoPlace
    stamp: Stamp


def stamp_of(place: PhotoPlace) -> Stamp:
    """The stamp of a photo as it is now, or as it was listed."""
    if not isinstance(place, Path):
        etag = "+".join(filter(None, (place.etag, place.sidecar_etag)))
        known = place.etag and bool(place.sidecar) == bool(place.sidecar_etag)
        return Stamp(etag if known else "", place.size)
    try:
        status = place.stat()
    except (OSError, ValueError):  # not there; a name that no file can have
        return Stamp()
    modified = status.st_mtime_ns
    with contextlib.suppress(OSError, ValueError):
        modified = max(modified, sidecar_of(place).stat().st_mtime_ns)
    settled = time.time() - modified / 1e9 > SETTLED
    return Stamp("", status.st_size, modified if settled else None)
