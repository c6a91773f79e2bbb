"""Read a photo file to RGB pixels as a viewer would show them."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import (  # the plugins for their registration: without it the first photo would load all of Pillow's fifty
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from harcli.photos.cut_off import CUT_OFF, is_cut_off, load_cut_off, note_of_webp
from harcli.photos.cut_off_webp import open_cut_off_webp
from harcli.photos.errors import PhotoError
from harcli.photos.header import has_end, is_endless
from harcli.photos.heif import load_decoder
from harcli.photos.limits import MAX_MEGAPIXELS
from harcli.photos.modes import rgb_pixels
from harcli.photos.raw import is_raw, open_preview
from harcli.photos.sidecar import BY_SIDECAR, transpose_of, turned_by_sidecar

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "DIB", "TIFF", "GIF")
"""Pillow's names of what is read, whatever the file's name. Others stay shut: EPS, for one, would run Ghostscript.

HEIC and AVIF are read too; see `harcli.photos.heif`."""

_HEADS = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG",),
    "GIF": (b"GIF8",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
_ORIENTATION = 0x0112
_PNG_TEXT = 2**26
"""Bytes of a text or colour profile in a PNG. Pillow's limit is a megabyte; Photoshop's lists of ancestors are longer,
and a photo is refused for them."""


def decode(path: Path, max_megapixels: float = MAX_MEGAPIXELS, shrink: float = 1.0) -> NDArray[np.uint8]:
    """The pixels of a photo: upright, transparent parts on white, the first frame of many.

    Upright by the orientation in its sidecar if there is one (`harcli.photos.sidecar`), or else in EXIF. Of a HEIC file
    with several photos this is the main one. Colour profiles are not applied. Safe to call from several threads.

    Args:
        max_megapixels: a photo with more pixels is refused before it is decoded.
        shrink: a JPEG may come up to so many times smaller, which is several times faster; enough for thumbnails.

    Returns:
        uint8 `(H, W, 3)` RGB, read-only.

    Raises:
        PhotoError: not there, not a file, of no format that harcli reads, too large, damaged or cut off.
    """
    return decode_noted(path, max_megapixels, shrink)[0]


def decode_noted(
    path: Path, max_megapixels: float = MAX_MEGAPIXELS, shrink: float = 1.0
) -> tuple[NDArray[np.uint8], str]:
    """As `decode`, with what is to be known of the pixels: one line, empty if all is well.

    A photo whose last bytes are missing is read all the same, if at least 95 % of its rows are there (of HEIC and AVIF
    nothing is).
    """
    with opened(path, max_megapixels, shrink) as image:
        return pixels_of(image, path)


@contextmanager
def opened(path: Path, max_megapixels: float = MAX_MEGAPIXELS, shrink: float = 1.0) -> Iterator[Image.Image]:
    """A photo whose header has been read, and its pixels not yet. Arguments and errors are those of `decode`; what goes
    wrong in the block is told like that too."""
    try:
        check_kind(path)
        with open_photo(path, max_megapixels) as image:
            if image.width * image.height > max_megapixels * 1e6:
                raise Image.DecompressionBombError
            if shrink > 1:
                image.draft(None, (math.ceil(image.width / shrink), math.ceil(image.height / shrink)))
            yield image
    except PhotoError:
        raise
    except Exception as error:  # Pillow raises some ten types for damaged files; none of them may end the run
        raise PhotoError(path, reason(error, max_megapixels)) from error


def pixels_of(image: Image.Image, path: Path) -> tuple[NDArray[np.uint8], str]:
    """The pixels of a photo that is `opened`, and a note, as of `decode_noted`."""
    whole, note = load(image, path)
    return rgb_pixels(whole, turn_of(whole)), note


def load(image: Image.Image, path: Path) -> tuple[Image.Image, str]:
    """The image with its pixels, and a note if some of them are missing."""
    try:
        image.load()
    except (OSError, SyntaxError) as error:
        if not is_cut_off(image, path, error) or (rest := load_cut_off(image, path)) is None:
            raise
        rest[0].info[BY_SIDECAR] = image.info.get(BY_SIDECAR)
        return rest
    if (note := note_of_webp(image)) is None:
        raise PhotoError(path, "damaged: image file is truncated")
    if image.format == "PNG" and not (is_raw(path) or has_end(path)):
        note = CUT_OFF
    return image, note


def _raise_limit(pixels: int) -> None:
    """Pillow warns and refuses by limits of its own, for the whole process. They are raised where they are the lower
    ones, and never lowered: others read photos too."""
    if Image.MAX_IMAGE_PIXELS is not None:
        Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, pixels)
    PngImagePlugin.MAX_TEXT_CHUNK = max(PngImagePlugin.MAX_TEXT_CHUNK, _PNG_TEXT)


def is_photo(path: Path) -> bool:
    """Whether a file is there and begins like a photo, whatever its name."""
    try:
        check_kind(path)
        open_photo(path).close()
    except Exception:  # as in `decode`
        return False
    return True


def check_kind(path: Path) -> None:
    """Only regular files with content: opening a named pipe would wait for ever."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        listable = os.access(path, os.R_OK | os.X_OK)
        raise PhotoError(path, "a folder, not a photo" if listable else "a folder that may not be listed")
    if not stat.S_ISREG(status.st_mode):
        raise PhotoError(path, "not a regular file")
    if status.st_size == 0:
        raise PhotoError(path, "the file is empty")


def open_photo(path: Path, max_megapixels: float = MAX_MEGAPIXELS) -> Image.Image:
    """The file by Pillow, with its decoder, before its pixels are read.

    Raises:
        PhotoError, OSError: it cannot be opened.
    """
    _raise_limit(int(max_megapixels * 1e6))
    if is_raw(path):
        return open_preview(path)
    container = load_decoder(path)
    if container is None:
        return turned_by_sidecar(_open_picture(path), path)
    try:
        return turned_by_sidecar(Image.open(path, formats=[container]), path)
    except UnidentifiedImageError as error:
        raise PhotoError(path, "damaged, or a kind of HEIC or AVIF that cannot be read") from error


def _open_picture(path: Path) -> Image.Image:
    if is_endless(path):
        raise PhotoError(path, "damaged: its header has no end")
    try:
        return Image.open(path, formats=FORMATS)
    except OSError as error:
        if (image := open_cut_off_webp(path)) is not None:
            return image
        if isinstance(error, UnidentifiedImageError) and (kind := _kind_by_head(path)):
            raise PhotoError(path, f"damaged, or a kind of {kind} that cannot be read") from error
        raise


def _kind_by_head(path: Path) -> str:
    """What a file was meant to be, by its first bytes; empty if it is none of these."""
    with path.open("rb") as stream:
        head = stream.read(4)
    return next((kind for kind, begins in _HEADS.items() if head.startswith(begins)), "")


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """What the EXIF orientation asks for. To be asked after `load`, which turns a TIFF itself and drops the tag."""
    if image.format == "HEIF":
        return None  # its decoder turns it by the container's own orientation, the one that counts
    try:
        return transpose_of(image.info.get(BY_SIDECAR) or image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged EXIF data; the pixels are sound
        return None


def reason(error: Exception, max_megapixels: float = MAX_MEGAPIXELS) -> str:
    """What is wrong with a file, one line without its path."""
    if isinstance(error, Image.DecompressionBombError):
        return f"more than {max_megapixels:g} megapixels; raise --max-megapixels to read it"
    if isinstance(error, UnidentifiedImageError):
        return "not a photo in a format that harcli reads (JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF)"
    if isinstance(error, MemoryError):
        return "not enough memory to read it"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    text = " ".join(str(error).split()) or type(error).__name__
    return f"damaged: {text}"
