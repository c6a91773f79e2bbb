"""What the report is about: the people that it shows, the photos that they are in, and the files without any."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from harcli.errors import HarcliError
from harcli.photos.find import natural
from harcli.recognition.metadata import AttributeSpec
from harcli.results import TOO_SMALL, Box, Record, Seen
from harcli.results.kept import KeptResults
from harcli.results.query import Query

MOST = 100_000
"""People, photos without people and unreadable files that a page shows, together."""

PRECISION = 10_000
"""Probabilities and scores are kept as whole numbers of 1 / PRECISION, the four decimals of a result file."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a report keeps of a record, in a tenth of its memory.

    Attributes:
        number: within the photo, as in the results.
        box: in displayed pixels.
        score: the detector's, times PRECISION.
        probabilities: of the report's attributes, times PRECISION.
        tags: one byte per attribute, 1 where it is among the tags.
        small: whether the person is too small to judge.
    """

    number: int
    box: Box
    score: int
    probabilities: array[int]
    tags: bytes
    small: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo and those of its people that the report shows; or one person of a video, in the frame to be shown.

    Attributes:
        name: its path for people to read, see `readable`.
        file: where it lies: a path, or a URL as it stands in results.
        size: `(width, height)` as displayed.
        seen: when, if it is a video.
    """

    name: str
    file: Path | str
    size: tuple[int, int]
    people: list[Person]
    seen: Seen | None = None


@dataclass(slots=True)
class Content:
    """All that a report shows but for the pictures.

    Attributes:
        attributes: those that it shows.
        photos: with people, in natural order of their names.
        empty: photos in which nobody was found, (name, file) each.
        unreadable: files that could not be read when they were tagged, (name, file, why) each.
        other_people: how many people the query left out.
        sampled_from: of how many photos these are a sample; None: they are all.
    """

    attributes: tuple[AttributeSpec, ...]
    photos: list[Photo] = field(default_factory=list)
    empty: list[tuple[str, Path | str]] = field(default_factory=list)
    unreadable: list[tuple[str, Path | str, str]] = field(default_factory=list)
    other_people: int = 0
    sampled_from: int | None = None

    @property
    def people(self) -> list[Person]:
        """All people; their positions in this list are the numbers that the page knows them by."""
        return [person for photo in self.photos for person in photo.people]


def collect(
    results: KeptResults, where: Query | None = None, hidden: Collection[str] = (), sample: int | None = None
) -> Content:
    """Read the results.

    Args:
        where: only people for whom it holds; photos without a person are then left out, files that could not be read
            stay, since anybody might be in them.
        hidden: attributes to leave out.
        sample: only so many of the photos with people who fit, taken by chance.

    Raises:
        HarcliError: there is more than a page can show.
    """
    content = Content(tuple(a for a in results.info.attributes if a.name not in hidden))
    photos: Iterable[list[Record]]
    if sample is None:
        photos = results.photos(where, errors=True)
    else:
        photos, content.sampled_from = results.sample(sample, where)
    rows = 0
    for records in photos:
        rows += len(records)
        if rows > MOST:
            raise HarcliError(
                f"{results.path}: more than {MOST:,} people and files, which is the most that a page shows; "
                "name fewer with --where, or take photos by chance with --sample 2000"
            )
        first = records[0]
        name, file = readable(first.path), results.locate(first.path)
        if first.error:
            content.unreadable.append((name, file, first.error))
        elif first.person == 0:
            if where is None:
                content.empty.append((name, file))
        else:
            people = [_person(record, content.attributes) for record in records]
            size = first.width or 1, first.height or 1
            if first.seen is not None:
                for record, person in zip(records, people, strict=True):
                    content.photos.append(Photo(name, file, size, [person], record.seen))
            else:
                content.photos.append(Photo(name, file, size, people))
    if where is not None:
        content.other_people = results.people() - (len(content.people) if sample is None else results.people(where))
    content.photos.sort(key=lambda photo: natural(PurePath(photo.name)))
    content.empty.sort(key=lambda row: natural(PurePath(row[0])))
    content.unreadable.sort(key=lambda row: natural(PurePath(row[0])))
    return content


def _person(record: Record, attributes: tuple[AttributeSpec, ...]) -> Person:
    values = record.probabilities or {}
    return Person(
        record.person,
        record.box or (0.0, 0.0, 1.0, 1.0),
        round((record.score or 0.0) * PRECISION),
        array("H", (round(values[attribute.name] * PRECISION) for attribute in attributes)),
        bytes(attribute.name in record.tags for attribute in attributes),
        small=TOO_SMALL in record.note,
    )


def readable(path: str) -> str:
    """A path as text that every page can hold: bytes that are not UTF-8 and control characters are written `\\xff`."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        else character
        for character in text
    )
