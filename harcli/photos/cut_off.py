"""Photos whose last bytes are missing, as after a broken download: every viewer shows them, and so they are read, if
nearly all of their rows are there."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PIL import Image, ImageFile

from harcli.photos.cut_off_jpeg import load_jpeg
from harcli.photos.cut_off_webp import is_completed, row_sums, rows_of_webp

ENOUGH = 0.95
"""The share of rows from which on a photo is taken for whole enough."""

CUT_OFF = "cut off at its end"
"""The note of a photo of which nothing that can be seen is missing."""

_JPEG = ("JPEG", "MPO")
_BY_ROWS = ("PNG", "GIF", "BMP", "DIB", "TIFF")
"""Formats whose decoder leaves what it has not come to as it was."""

_LONGEST = 1 << 24  # bytes of metadata
_OFFSETS, _COUNTS = (273, 324), (279, 325)  # of the strips of a TIFF, or of its tiles


def is_cut_off(image: Image.Image, path: Path, error: Exception) -> bool:
    """Whether Pillow could not load the image since the data end too early, or in zeros, as where a program that wrote
    them made room first and did not finish."""
    if image.format == "PNG" and isinstance(error, SyntaxError):  # no chunk, where one should begin
        return "broken PNG file (chunk" in str(error)
    if not isinstance(error, OSError) or error.errno is not None:
        return False
    if image.format == "TIFF":
        return "truncated" in str(error) or _ends_too_early(image, path)
    return image.format in (*_JPEG, *_BY_ROWS) and "truncated" in str(error)


def load_cut_off(image: Image.Image, path: Path) -> tuple[Image.Image, str] | None:
    """A photo that is cut off, loaded as viewers do it: what is missing is grey or black.

    Args:
        image: as Pillow's decoder left it.

    Returns:
        The image at full size, and a note that says what is missing; None if less than `ENOUGH` of its rows are there.
    """
    if image.format in _JPEG:
        # A file that is far too long for its picture is not read into memory.
        if path.stat().st_size > _LONGEST + 3 * image.width * image.height:
            return None
        image, share = load_jpeg(path.read_bytes())
        missing = int((1 - share) * image.height)
        return None if share < ENOUGH else (image, _note(missing, image.height))
    if not isinstance(image, ImageFile.ImageFile) or not image.filename:  # the preview of a RAW file
        return None
    image.tile = []  # as if it were loaded
    lighter = _rows_on_white(path, image)
    there = [one == other for one, other in zip(row_sums(image), lighter, strict=True)]
    missing = there.count(False)
    if missing > (1 - ENOUGH) * image.height:
        return None
    return image, _note(missing, image.height, last=all(there[: len(there) - missing]))


def note_of_webp(image: Image.Image) -> str | None:
    """The note of a loaded WebP that was completed to be opened; empty if it was not, None if too much is missing."""
    if not is_completed(image):
        return ""
    missing = image.height - rows_of_webp(image)
    return None if missing > (1 - ENOUGH) * image.height else _note(missing, image.height)


def _note(missing: int, rows: int, last: bool = True) -> str:
    if not missing:
        return CUT_OFF
    one = "row is" if rows == 1 else "rows are"
    return f"cut off: {'the last ' if last else ''}{missing} of {rows} {one} missing"


def _rows_on_white(path: Path, image: Image.Image) -> list[int]:
    """The checksums of the rows, where what the decoder does not come to is white, and not black as usual."""
    with Image.open(path, formats=[str(image.format)]) as again:
        ink = (255,) * len(again.getbands())
        prepare = again.load_prepare

        def prepare_white() -> None:
            prepare()
            again.im.paste(ink if len(ink) > 1 else 255, (0, 0, *again.size))

        again.load_prepare = prepare_white  # type: ignore[method-assign]
        with contextlib.suppress(OSError, SyntaxError):
            again.load()
        again.tile = []
        return row_sums(again)


def _ends_too_early(image: Image.Image, path: Path) -> bool:
    """Whether a TIFF has strips or tiles beyond its end."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    size = path.stat().st_size
    return any(
        start + length > size
        for offsets, counts in zip(_OFFSETS, _COUNTS, strict=True)
        for start, length in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)
    )
