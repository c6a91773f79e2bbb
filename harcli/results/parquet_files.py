"""The Parquet files of a set of results, on this machine or at a URL: which there are, and how Arrow reads them."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Protocol

from harcli.errors import HarcliError
from harcli.folders import files_in, folders_in
from harcli.photos.find import natural

if TYPE_CHECKING:
    import pyarrow
    from pyarrow import dataset

ENDING = ".parquet"


class Files(Protocol):
    """Files that are one set of results.

    Attributes:
        place: how the whole is named in messages: a path, or a URL without credentials.
        names: how each file is named in messages, in the order in which they are read.
    """

    place: Path | str
    names: list[str]

    def opened(self) -> AbstractContextManager[Iterator[BinaryIO]]:
        """Each file in turn, open for reading until the next one is asked for.

        Raises:
            HarcliError: one cannot be opened.
        """
        ...

    def data(self, schema: pyarrow.Schema) -> dataset.Dataset:
        """All of them, for Arrow."""
        ...


class FilesHere:
    """See `Files`: a file, or a folder of them at any depth."""

    def __init__(self, place: Path) -> None:
        self.place: Path | str = place
        self._files = sorted(_files(place), key=natural) if place.is_dir() else [place]
        self.names = list(map(str, self._files))

    def opened(self) -> AbstractContextManager[Iterator[BinaryIO]]:
        """See `Files`."""
        return closing(self._opened())

    def _opened(self) -> Generator[BinaryIO, None, None]:
        for file in self._files:
            if not file.is_file():  # a named pipe would wait for ever
                raise HarcliError(f"{file}: not a file" if file.exists() else f"{file}: is not there")
            try:
                stream = file.open("rb")
            except OSError as error:
                raise HarcliError(f"{file}: cannot be read ({error.strerror})") from error
            with stream:
                yield stream

    def data(self, schema: pyarrow.Schema) -> dataset.Dataset:
        """See `Files`."""
        from pyarrow import dataset

        return dataset.dataset(self.names, schema=schema, format="parquet")


def is_part(path: PurePosixPath) -> bool:
    """Whether a file below a folder, by its path there, belongs to the results: names that begin with `_` or `.` say
    that a file is not yet, or no longer, one of them."""
    return path.suffix.lower() == ENDING and not _any_left_out(path.parts)


def _any_left_out(names: Iterable[str]) -> bool:
    return any(name.startswith(("_", ".")) for name in names)


def _files(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    seen = set()
    while waiting:
        here = waiting.pop()
        real = os.path.realpath(here)
        if real in seen:  # a link to a folder above
            continue
        seen.add(real)
        yield from (file for file in files_in(here, [ENDING]) if is_part(PurePosixPath(file.name)))
        waiting += [each for each in folders_in(here) if not _any_left_out([each.name])]
