"""What all results that can be asked later have in common, and how to open them."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from harcli.remote.urls import is_url
from harcli.results.info import RunInfo
from harcli.results.query import Query
from harcli.results.record import Record


class KeptResults(ABC):
    """Results that are open for reading.

    Attributes:
        path: the file or folder; of one at a URL, the URL without credentials.
        info: what the results were made with.
    """

    path: Path | str
    info: RunInfo

    def __enter__(self) -> KeptResults:
        return self

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what is open."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of records."""

    @abstractmethod
    def people(self, where: Query | None = None) -> int:
        """How many people there are, or fit."""

    @abstractmethod
    def records(
        self, where: Query | None = None, minimum: float | None = None, *, errors: bool = False
    ) -> Iterator[Record]:
        """The records in the order in which they were written: those of one photo follow one another.

        Args:
            where: only people for whom it holds, as `Query.matches` says.
            minimum: as in `Query.matches`.
            errors: the files that could not be read as well.

        Raises:
            HarcliError: the results are damaged.
        """

    def photos(
        self, where: Query | None = None, minimum: float | None = None, *, errors: bool = False
    ) -> Iterator[list[Record]]:
        """The records of each photo, as `records` gives them."""
        return by_photo(self.records(where, minimum, errors=errors))

    def paths(self, where: Query | None = None, minimum: float | None = None) -> Iterator[str]:
        """The path of each photo of which `photos` would give something."""
        for photo in self.photos(where, minimum):
            yield photo[0].path

    def photos_called(self, name: str) -> Iterator[list[Record]]:
        """The records of each photo whose path ends in this text."""
        return (photo for photo in self.photos(errors=True) if photo[0].path.endswith(name))

    def sample(self, count: int, where: Query | None = None) -> tuple[list[list[Record]], int]:
        """Photos with people who fit, taken by chance: the same ones each time.

        Returns:
            At most `count` photos, in the order of the results; and of how many they were taken.
        """
        chance = random.Random(0)
        taken: dict[int, list[Record]] = {}
        slots: list[int] = []
        number = 0
        for photo in self.photos(where):
            if photo[0].person == 0:
                continue
            slot = number if number < count else chance.randint(0, number)
            if slot < count:
                if number >= count:
                    del taken[slots[slot]]
                    slots[slot] = number
                else:
                    slots.append(number)
                taken[number] = photo
            number += 1
        return [taken[each] for each in sorted(taken)], number

    def locate(self, path: str) -> Path | str:
        """Where a record's photo lies, seen from anywhere: relative paths start where the run was started. URLs are
        returned as they are."""
        return path if is_url(path) else Path(self.info.folder, path)


def by_photo(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Records that follow one another and are of one photo, together."""
    photo: list[Record] = []
    for record in records:
        if photo and (record.path != photo[0].path or record.person <= photo[-1].person):
            yield photo
            photo = []
        photo.append(record)
    if photo:
        yield photo


def open_results(place: Path | str) -> KeptResults:
    """An SQLite file of `harcli tag`, a Parquet file, or a folder of such; one at a URL, if `place` is a text.

    Raises:
        HarcliError: it is none, or damaged, or cannot be read.
    """
    from harcli.results.database import Results
    from harcli.results.dataset import ParquetResults, is_parquet

    return ParquetResults(place) if isinstance(place, str) or is_parquet(place) else Results(place)
