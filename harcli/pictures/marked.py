"""Pictures that harcli draws say so in a comment, so that only such ones are ever written over."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from harcli.outputs.whole_file import whole_binary
from harcli.photos.decode import open_photo

SHOW, EXPLAIN = "drawn by harcli show", "drawn by harcli explain"
"""The comments, by command."""

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
"""Pillow's names by the endings that there are."""

QUALITY = 92


def save_marked(picture: Image.Image, path: Path, mark: str) -> None:
    """Write a picture, whole or not at all; its form goes by the ending.

    Raises:
        HarcliError: it cannot be written.
    """
    form = FORMATS[path.suffix.lower()]
    with whole_binary(path) as temporary:
        if form == "PNG":
            comment = PngInfo()
            comment.add_text("comment", mark)
            picture.save(temporary, form, pnginfo=comment)
        else:
            picture.save(temporary, form, quality=QUALITY, comment=mark)


def is_marked(path: Path, mark: str) -> bool:
    """Whether this is a picture with the mark."""
    with contextlib.suppress(Exception), open_photo(path) as picture:
        return picture.info.get("comment") in (mark, mark.encode())
    return False
