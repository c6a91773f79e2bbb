"""RAW files of cameras: the picture that the camera put in for showing it, found by Exiv2."""

from __future__ import annotations

import contextlib
import io
import threading
from pathlib import Path
from typing import Any

from PIL import Image

from harcli.extras import install
from harcli.photos.errors import PhotoError
from harcli.photos.kinds import RAW_ENDINGS

_ORIENTATION = 0x0112
_SMALLEST = 300  # pixels of the longer side: less is a thumbnail, in which nobody can be told
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM")  # how they begin
_TRIED = 3  # previews
_LONGEST = 1 << 30  # bytes that are read into memory at once

_lock = threading.Lock()
"""Exiv2's reader of XMP data does not say that it may be used by several threads."""


def is_raw(path: Path) -> bool:
    """Whether a file is RAW, by its name: by their content many of them are TIFF files of a thumbnail. A picture that
    was only named like one is none.

    Raises:
        OSError: it cannot be read.
    """
    if path.suffix.lower() not in RAW_ENDINGS:
        return False
    with path.open("rb") as stream:
        return not stream.read(4).startswith(_PICTURES)


def open_preview(path: Path) -> Image.Image:
    """The largest picture in a RAW file, before its pixels are read, with the file's orientation.

    Raises:
        PhotoError: Exiv2 is not installed, or there is no picture in it that is large enough.
        OSError: the file cannot be read.
    """
    try:
        import exiv2
    except ImportError as error:
        raise PhotoError(path, f"RAW needs an extra: {install('xmp')}") from error
    exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)
    with path.open("rb") as stream:  # here, so that what is wrong with the file is said in the system's words
        data = stream.read(_LONGEST)
    try:
        with _lock:
            previews, orientation = _previews(exiv2, data)
    except exiv2.Exiv2Error as error:
        raise PhotoError(path, "damaged, or a kind of RAW that cannot be read") from error
    if not previews:
        raise PhotoError(path, "RAW without a preview")
    image = _largest_that_opens(previews)
    if max(image.size) < _SMALLEST:
        raise PhotoError(path, "RAW without a preview that is large enough to see anybody")
    exif = image.getexif()
    exif.setdefault(_ORIENTATION, orientation)
    return image


def _previews(exiv2: Any, data: bytes) -> tuple[list[bytes], int]:
    """The previews, that with most pixels first, and the orientation of the RAW file, 1 if it has none."""
    image = exiv2.ImageFactory.open(data)
    image.readMetadata()
    manager = exiv2.PreviewManager(image)
    kinds = [kind for kind in manager.getPreviewProperties() if kind.mimeType_ in ("image/jpeg", "image/tiff")]
    kinds.sort(key=lambda kind: -kind.width_ * kind.height_)
    exif = image.exifData()
    tag = exif.findKey(exiv2.ExifKey("Exif.Image.Orientation"))
    pictures = [bytes(manager.getPreviewImage(kind).data()) for kind in kinds[:_TRIED]]
    return pictures, 1 if tag == exif.end() else tag.toInt64()


def _largest_that_opens(previews: list[bytes]) -> Image.Image:
    """What says that it is the largest one may be something else: the sensor's data, for one.

    Raises:
        OSError: none opens.
    """
    for preview in previews[:-1]:
        with contextlib.suppress(OSError):
            return Image.open(io.BytesIO(preview), formats=["JPEG", "TIFF"])
    return Image.open(io.BytesIO(previews[-1]), formats=["JPEG", "TIFF"])
