"""What the report is about: the people that it shows, the photos that they are in, and the files without any."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harcli.recognition.metadata import AttributeSpec
from harcli.results import Box, Record
from harcli.results.database import Results
from harcli.results.query import Query

PRECISION = 10_000
"""Probabilities and scores are kept as whole numbers of 1 / PRECISION, the four decimals of a result file."""


@dataclass(slots=True)
class Photo:
    """A photo and those of its people that the report shows.

    Attributes:
        name: its path for people to read, see `readable`.
        file: where it lies.
        size: `(width, height)` as displayed.
        people: its records.
    """

    name: str
    file: Path
    size: tuple[int, int]
    people: list[Record]

    @property
    def boxes(self) -> list[Box]:
        """The people's boxes in displayed pixels."""
        return [record.box for record in self.people if record.box is not None]


@dataclass(slots=True)
class Content:
    """All that a report shows but for the pictures.

    Attributes:
        attributes: those that it shows.
        photos: with people, in natural order of their names.
        empty: photos in which nobody was found, (name, file) each.
        unreadable: files that could not be read when they were tagged, (name, file, why) each.
        other_people: how many people the query left out.
    """

    attributes: tuple[AttributeSpec, ...]
    photos: list[Photo] = field(default_factory=list)
    empty: list[tuple[str, Path]] = field(default_factory=list)
    unreadable: list[tuple[str, Path, str]] = field(default_factory=list)
    other_people: int = 0

    @property
    def people(self) -> list[Record]:
        """The records of all people; their positions in this list are the numbers that the page knows them by."""
        return [record for photo in self.photos for record in photo.people]

    def probabilities(self) -> array[int]:
        """People's probabilities times PRECISION, all of the first attribute before those of the second."""
        rows = [record.probabilities or {} for record in self.people]
        return array("H", [round(row[a.name] * PRECISION) for a in self.attributes for row in rows])

    def tags(self) -> bytes:
        """A byte for each of `probabilities`: 1 where the attribute is among the person's tags."""
        rows = [frozenset(record.tags) for record in self.people]
        return bytes(a.name in tags for a in self.attributes for tags in rows)


def collect(results: Results, where: Query | None = None, hidden: Collection[str] = ()) -> Content:
    """Read the results.

    Args:
        where: only people for whom it holds; photos without a person are then left out, files that could not be read
            stay, since anybody might be in them.
        hidden: attributes to leave out.
    """
    content = Content(tuple(a for a in results.info.attributes if a.name not in hidden))
    for records in results.photos():
        first = records[0]
        name, file = readable(first.path), results.locate(first)
        if first.error:
            content.unreadable.append((name, file, first.error))
        elif first.person == 0:
            if where is None:
                content.empty.append((name, file))
        else:
            people = [record for record in records if where is None or where.matches(record)]
            content.other_people += len(records) - len(people)
            if people:
                content.photos.append(Photo(name, file, (first.width or 1, first.height or 1), people))
    content.photos.sort(key=lambda photo: _natural(photo.name))
    content.empty.sort(key=lambda row: _natural(row[0]))
    content.unreadable.sort(key=lambda row: _natural(row[0]))
    return content


def readable(path: str) -> str:
    """A path as text that every page can hold: bytes that are not UTF-8 and control characters are written `\\xff`."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        else character
        for character in text
    )


def _natural(name: str) -> Sequence[int | str]:
    """Sort key: `img2` before `img10`, capitals as small letters. Numbers stand at odd places, so keys compare."""
    return [int(part) if i % 2 else part.casefold() for i, part in enumerate(re.split(r"([0-9]+)", name))]
