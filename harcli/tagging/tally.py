"""What a run comes to in numbers, so that it can be told without the records: of a photo, of a block, of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from os.path import splitext

from harcli.photos.kinds import ANY_VIDEO_ENDINGS
from harcli.remote.urls import is_url
from harcli.results import TOO_SMALL, Record


@dataclass(slots=True)
class Tally:
    """Counts.

    Attributes:
        photos: of which there are records, with videos.
        videos: among these.
        people: in them.
        small: of these too small to judge.
        empty: photos without a person.
        tags: how many people have each.
        errors: path and error of each file that could not be read.
        notes: path and note, each note of a photo once; not those of people who are too small.
    """

    photos: int = 0
    videos: int = 0
    people: int = 0
    small: int = 0
    empty: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def add(self, records: Sequence[Record]) -> None:
        """Count the records of one photo."""
        first = records[0]
        self.photos += 1
        self.videos += _is_video(first.path)
        if first.error:
            self.errors.append((first.path, first.error))
        notes = [note for record in records if record.note for note in record.note.split("; ")]
        self.small += sum(note.startswith(TOO_SMALL) for note in notes)
        others = dict.fromkeys(note for note in notes if not note.startswith(TOO_SMALL))  # of the photo: once
        self.notes += [(first.path, note) for note in others]
        self.empty += first.person == 0 and not first.error
        self.people += sum(record.person > 0 for record in records)
        for record in records:
            self.tags.update(record.tags)

    def merge(self, other: Tally) -> None:
        """Count what another has counted."""
        self.photos += other.photos
        self.videos += other.videos
        self.people += other.people
        self.small += other.small
        self.empty += other.empty
        self.tags.update(other.tags)
        self.errors += other.errors
        self.notes += other.notes


def _is_video(path: str) -> bool:
    """As `harcli.video.is_video`, of the path or URL in a record: a question mark ends the name in a URL only."""
    name = path.partition("?")[0] if is_url(path) else path
    return splitext(name)[1].lower() in ANY_VIDEO_ENDINGS  # noqa: PTH122  (a `Path` of each record takes longer)
