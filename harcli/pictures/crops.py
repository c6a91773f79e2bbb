"""Each person as a picture of their own."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.errors import HarcliError
from harcli.folders import make_folder
from harcli.outputs.whole_file import whole_binary
from harcli.photos.crop import crop
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import decode_guarded
from harcli.photos.limits import STANDARD, Limits
from harcli.results import Record
from harcli.video.best import best_frames

_QUALITY = 92
_LONGEST_NAME = 255  # bytes, of most file systems
_CROP_NAME = re.compile(r"\.person\d+\.jpg$", re.IGNORECASE)
_OWN_FOLDERS = re.compile("_+(root|up)")


class CropWriter:
    """Writes `FOLDER/holiday/img1.jpg.person2.jpg` for the second person of `holiday/img1.jpg`.

    Below the folder lies the structure of the photos' own folders as their records name them, so that no two photos
    share a name; `/` at the start becomes `_root`, `..` becomes `_up`. The same run again writes the same names.
    """

    def __init__(self, folder: Path, margin: float, photos: Iterable[Path] = ()) -> None:
        """
        Args:
            folder: is made if it is not there. Nothing is written outside.
            margin: of the model, by which boxes are grown; see `harcli.photos.crop.grow_box`.
            photos: all photos of the run; none of them is written over.

        Raises:
            HarcliError: the folder cannot be made.
        """
        self._folder = folder
        self._margin = margin
        # Others cannot have the name of a crop.
        self._photos = {_identity(photo) for photo in photos if _CROP_NAME.search(photo.name)} - {None}
        make_folder(folder)

    def target(self, record: Record) -> Path:
        """Where the record's person is written."""
        inside = _inside(record.path)
        return self._folder / inside.with_name(_file_name(inside.name, f".person{record.person}.jpg"))

    def write(self, record: Record, pixels: NDArray[np.uint8]) -> Path:
        """Write a person's crop as a JPEG file, whole or not at all.

        Args:
            pixels: uint8 `(h, w, 3)` RGB.

        Raises:
            HarcliError: it cannot be written, is one of the photos, or lies behind a link.
        """
        target = self.target(record)
        inside = Path(os.path.realpath(target.parent)).is_relative_to(os.path.realpath(self._folder))
        if target.is_symlink() or not inside:
            raise HarcliError(
                f"{target}: a link leads out of {self._folder}; remove it, or choose another folder for crops"
            )
        if self._photos and _identity(target) in self._photos:
            raise HarcliError(
                f"{target}: is one of the photos; choose another folder for crops, or leave out those of earlier runs "
                "by --ignore '*.person*.jpg'"
            )
        make_folder(target.parent)
        with whole_binary(target) as temporary:
            Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, "JPEG", quality=_QUALITY)
        return target

    def write_crops(self, photo: Path, records: Sequence[Record], limits: Limits = STANDARD) -> int:
        """Decode a photo and write all its people.

        Args:
            photo: where the file lies.
            records: the photo's.
            limits: see `harcli.photos.guarded.decode_guarded`.

        Returns:
            How many people were written.

        Raises:
            PhotoError: the photo cannot be read any more, or has another size than its records say.
            HarcliError: see `write`.
        """
        people = [(record, record.box) for record in records if record.box is not None]
        if not people:
            return 0
        seen = [record.seen for record, _ in people if record.seen is not None]
        with closing(best_frames(photo, limits, seen) if seen else _same(photo, limits)) as pictures:
            for (record, box), rgb in zip(people, pictures, strict=False):
                if (rgb.shape[1], rgb.shape[0]) != (record.width, record.height):
                    raise PhotoError(photo, "has another size than when it was tagged; tag it again")
                self.write(record, crop(rgb, box, self._margin))
        return len(people)


def _same(photo: Path, limits: Limits) -> Generator[NDArray[np.uint8], None, None]:
    """A photo's pixels, for each of its people."""
    rgb, _ = decode_guarded(photo, limits)
    while True:
        yield rgb


def _identity(path: Path) -> tuple[int, int] | None:
    """The same for all names of one file; None if there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _inside(path: str) -> PurePath:
    """A relative path without `..`, another one for each path."""
    pure = PurePath(path)
    root = ["_root", *re.findall(r"[^\\/:]+", pure.anchor)] if pure.anchor else []
    parts = pure.parts[1:] if pure.anchor else pure.parts
    return PurePath(*root, *("_up" if part == ".." else _not_ours(part) for part in parts))


def _not_ours(part: str) -> str:
    return "_" + part if _OWN_FOLDERS.fullmatch(part) else part


def _file_name(name: str, ending: str) -> str:
    """Too long a name is cut, and told from others by a hash of the whole."""
    raw = os.fsencode(name)
    room = _LONGEST_NAME - len(ending)
    if len(raw) <= room:
        return name + ending
    mark = "~" + hashlib.sha256(raw).hexdigest()[:16]
    return raw[: room - len(mark)].decode("utf-8", "ignore") + mark + ending
