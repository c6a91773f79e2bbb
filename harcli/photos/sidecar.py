"""What lies beside a photo: `photo.jpg.xmp`, in which digiKam, Geeqie and others keep how it is to be turned.

Who turns a photo there may have the photo itself left as it is. Programs that show it go by the sidecar first.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from harcli.photos.xmp_envelope import RDF_NAMESPACE, normalised

LARGEST_SIDECAR = 64 * 2**20
"""Bytes. Those of darktable with hundreds of drawn masks have a few million."""

BY_SIDECAR = "harcli: turned by its sidecar"
"""The key in the `info` of an opened photo of how it is to be turned once it is loaded; 1 to 8, as in EXIF."""

_EXIF_ORIENTATION = 0x0112
_XMP_ORIENTATION = "{http://ns.adobe.com/tiff/1.0/}Orientation"
_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def sidecar_of(photo: Path) -> Path:
    """Where the sidecar of a photo lies: beside it, or beside the link if it is one."""
    return photo.with_name(f"{photo.name}.xmp")


def stated_orientation(photo: Path) -> int | None:
    """The orientation that the sidecar of a photo states, 1 to 8; None if there is none, or it cannot be read."""
    with contextlib.suppress(OSError, ValueError, SyntaxError):
        if not os.access(f"{photo}.xmp", os.F_OK):  # the usual case, quicker than an error of `stat`
            return None
        path = sidecar_of(photo)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_SIDECAR:
            return None
        document = path.read_bytes()
        if b"Orientation" not in document.replace(b"\x00", b""):  # in UTF-16 every other byte is zero
            return None
        for description in ElementTree.fromstring(normalised(document)).iter(f"{{{RDF_NAMESPACE}}}Description"):
            text = description.get(_XMP_ORIENTATION) or description.findtext(_XMP_ORIENTATION) or ""
            if (orientation := text.strip()) in set("12345678"):
                return int(orientation)
    return None


def turned_by_sidecar(image: Image.Image, path: Path) -> Image.Image:
    """The opened photo, with a note `BY_SIDECAR` in its `info` if its sidecar turns it otherwise than its EXIF data."""
    # What decodes HEIC goes by the container, whatever else is said; so does every other program.
    if image.format != "HEIF" and (stated := stated_orientation(path)):
        own = _own_orientation(image)
        if stated != own:
            # Pillow turns a TIFF itself in loading it.
            image.info[BY_SIDECAR] = _after(own, stated) if image.format == "TIFF" else stated
    return image


def transpose_of(orientation: int) -> Image.Transpose | None:
    """What an orientation asks for; None for 1 and for what is none."""
    return _TRANSPOSES.get(orientation)


def _own_orientation(image: Image.Image) -> int:
    """By EXIF data at the beginning of the file; Pillow would decode a whole PNG to look for more behind it."""
    with contextlib.suppress(Exception):  # damaged in any way, as for the decoder
        if image.format != "PNG" or "exif" in image.info:
            own = int(image.getexif().get(_EXIF_ORIENTATION, 1))
            return own if own in _TRANSPOSES else 1
    return 1


def _after(own: int, stated: int) -> int:
    """Which orientation is to be applied to a picture turned by `own`, for it to be turned by `stated`."""
    probe = Image.frombytes("L", (2, 3), bytes(range(6)))

    def turned(image: Image.Image, orientation: int) -> Image.Image:
        transpose = transpose_of(orientation)
        return image if transpose is None else image.transpose(transpose)

    wanted, done = turned(probe, stated), turned(probe, own)
    return next(each for each in range(1, 9) if turned(done, each) == wanted)
