"""Results to a page that shows them."""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import TracebackType

from harcli.outputs.whole_file import whole_file
from harcli.report.content import Content, collect, readable
from harcli.report.folder import PictureFolder, folder_of, remove_own
from harcli.report.page import page_data, write_page
from harcli.report.pictures import Pictures, draw_all
from harcli.results.kept import KeptResults
from harcli.results.query import Query

MOST_INSIDE = 300
"""Up to so many people their pictures are part of the page; those of more lie in a folder beside it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a report holds: how many of each.

    Attributes:
        photos: with people, and videos.
        videos: of these.
        empty: photos in which nobody was found.
        unreadable: files that could not be read when they were tagged.
        other_people: those that the query left out.
        sampled_from: of how many photos these are a sample; None: they are all.
        folder: the pictures' folder; None if they are in the page.
        problems: photos and videos that could not be shown, (name, why) each.
    """

    people: int
    photos: int
    videos: int
    empty: int
    unreadable: int
    other_people: int
    folder: Path | None
    sampled_from: int | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)


def write_report(
    results: KeptResults,
    out: Path,
    *,
    title: str = "",
    where: Query | None = None,
    hidden: Collection[str] = (),
    thumbnails: bool = True,
    fetch: bool = False,
    sample: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Write the page, and the folder of pictures beside it if there are many; both whole or not at all.

    Args:
        title: at the top; empty: the name of the results' file.
        where: only people for whom it holds.
        hidden: attributes to leave out.
        thumbnails: whether there are pictures at all.
        fetch: whether also of photos at URLs.
        sample: so many photos with people, taken by chance.
        progress: called with the number of photos that are drawn, and that of all.

    Raises:
        HarcliError: the results are damaged, or the page cannot be written there.
    """
    content = collect(results, where, hidden, sample)
    part = f": {len(content.photos):,} of {content.sampled_from:,} photos, by chance" if content.sampled_from else ""
    place = PurePath(results.path)
    itself = results.path if isinstance(results.path, str) else os.path.realpath(results.path)
    about = {
        "title": readable(title or f"{place.stem}{part}"),
        "source": readable(place.name),
        "id": hashlib.sha256(os.fsencode(itself)).hexdigest()[:16],
        "where": where.text if where else "",
        "date": datetime.date.today().isoformat(),
    }
    many = thumbnails and len(content.people) > MOST_INSIDE
    with whole_file(out) as stream, PictureFolder(out) if many else _Inside() as store:
        problems = _draw(content, store, progress, fetch) if thumbnails else {}
        data = page_data(content, results.info, out.parent, about, problems)
        write_page(stream, about["title"], data, store.reference() if thumbnails else {})
    if not many:
        with contextlib.suppress(OSError):
            remove_own(folder_of(out))
    return Summary(
        *(
            len(content.people),
            len({photo.file for photo in content.photos}),
            len({photo.file for photo in content.photos if photo.seen is not None}),
            len(content.empty),
            len(content.unreadable),
            content.other_people,
        ),
        folder=folder_of(out) if many else None,
        sampled_from=content.sampled_from,
        problems=list(dict.fromkeys((content.photos[i].name, why) for i, why in problems.items())),
    )


class _Inside:
    """Keeps pictures for the page itself; `PictureFolder` is the other way."""

    def __init__(self) -> None:
        self._photos: list[str] = []
        self._people: list[str] = []

    def __enter__(self) -> _Inside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to do."""

    def add(self, pictures: Pictures, people: int) -> None:
        """Take a photo's pictures; empty texts stand for those that are not there."""
        self._photos.append(base64.b64encode(pictures.photo).decode())
        self._people += [base64.b64encode(picture).decode() for picture in pictures.people] or [""] * people

    def reference(self) -> dict[str, list[str]]:
        """The pictures, for the page."""
        return {"photos": self._photos, "people": self._people}


def _draw(
    content: Content, store: PictureFolder | _Inside, progress: Callable[[int, int], None] | None, fetch: bool
) -> dict[int, str]:
    """Put the pictures of all photos into `store`; why some have none, by their position."""
    problems = {}
    photos = content.photos
    for i, (photo, pictures) in enumerate(zip(photos, draw_all(photos, fetch=fetch), strict=True)):
        store.add(pictures, len(photo.people))
        if pictures.problem:
            problems[i] = pictures.problem
        if progress is not None:
            progress(i + 1, len(photos))
    return problems
