"""From photos as they were found to photos as a data set names them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harcli.outputs.dataset.folder import Folder
from harcli.outputs.dataset.stamps import Named, stamp_of
from harcli.outputs.paths import path_styler
from harcli.remote.photo import PhotoPlace
from harcli.results import Record, RunInfo


def named_photos(
    folder: Folder, style: str, info: RunInfo, photos: Sequence[PhotoPlace]
) -> tuple[RunInfo, Callable[[Record], Record], list[Named]]:
    """The photos with their names in the data set and their stamps; files by absolute paths.

    Args:
        style: one of `harcli.outputs.paths.PATH_STYLES`.

    Returns:
        `info` for the data set, what gives a record its name, and the photos.
    """
    target = folder.place / "part" if isinstance(folder.place, Path) else Path("part")
    own, styled = path_styler(style, info, target)
    places = [Path(info.folder, photo) if isinstance(photo, Path) else photo for photo in photos]
    names = [styled(Record(str(photo))).path for photo in photos]
    return own, styled, [Named(name, place, stamp_of(place)) for name, place in zip(names, places, strict=True)]
