"""RAW files of cameras: the picture that the camera put in for showing it, found by Exiv2."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

from PIL import Image

from harcli.photos.errors import PhotoError
from harcli.photos.kinds import RAW_ENDINGS

_ORIENTATION = 0x0112
_SMALLEST = 300  # pixels of the longer side: less is a thumbnail, in which nobody can be told
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM")  # how they begin
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
        raise PhotoError(path, "RAW needs an extra: pip install 'harcli[xmp]'") from error
    exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)
    with path.open("rb") as stream:  # here, so that what is wrong with the file is said in the system's words
        data = stream.read(_LONGEST)
    try:
        with _lock:
            preview, orientation = _largest(exiv2, data)
        if not preview:
            raise PhotoError(path, "RAW without a preview")
        image = Image.open(io.BytesIO(preview), formats=["JPEG", "TIFF"])
    except exiv2.Exiv2Error as error:
        raise PhotoError(path, "damaged, or a kind of RAW that cannot be read") from error
    if max(image.size) < _SMALLEST:
        raise PhotoError(path, "RAW without a preview that is large enough to see anybody")
    exif = image.getexif()
    exif.setdefault(_ORIENTATION, orientation)
    return image


def _largest(exiv2: Any, data: bytes) -> tuple[bytes, int]:
    """The preview with most pixels, empty if there is none, and the orientation of the RAW file, 1 if it has none."""
    image = exiv2.ImageFactory.open(data)
    image.readMetadata()
    manager = exiv2.PreviewManager(image)
    kinds = [kind for kind in manager.getPreviewProperties() if kind.mimeType_ in ("image/jpeg", "image/tiff")]
    if not kinds:
        return b"", 1
    kind = max(kinds, key=lambda kind: kind.width_ * kind.height_)
    exif = image.exifData()
    tag = exif.findKey(exiv2.ExifKey("Exif.Image.Orientation"))
    return bytes(manager.getPreviewImage(kind).data()), 1 if tag == exif.end() else tag.toInt64()
