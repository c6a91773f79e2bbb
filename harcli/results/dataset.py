"""Results as Parquet: one file, or a folder of them at any depth, as many runs and many machines leave them.

Questions are answered by Arrow: it reads the columns that are needed, and no group of rows that cannot fit.
"""

from __future__ import annotations

import contextlib
import importlib.util
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.extras import install
from harcli.remote.urls import shown
from harcli.results import checked
from harcli.results.arrow_batches import Beginnings, asked, check, damaged
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS, TIME_COLUMNS, column_names, readable
from harcli.results.info import RunInfo
from harcli.results.kept import KeptResults, by_photo
from harcli.results.parquet_files import Files, FilesHere
from harcli.results.query import Query
from harcli.results.query_arrow import expression
from harcli.results.record import Record

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.compute

_MAGIC = b"PAR1"
_BATCH = 10_000  # rows
_RAW = "path_bytes"
_FIRST = (_RAW, *LAST_COLUMNS, *FIXED_COLUMNS)  # the order of `checked.record`
_TAGS = _FIRST.index("tags")


def is_parquet(path: Path) -> bool:
    """Whether it is a folder or a Parquet file; an SQLite file is neither."""
    if path.is_dir() or path.suffix.lower() == ".parquet":
        return True
    with contextlib.suppress(OSError, ValueError):
        if path.is_file():
            with path.open("rb") as stream:
                return stream.read(len(_MAGIC)) == _MAGIC
    return False


class ParquetResults(KeptResults):
    """Files in the wide form, all with the same attributes, open for reading.

    Parquet does not say where the run was started: relative paths of photos start in the current folder.
    """

    def __init__(self, place: Path | str) -> None:
        """
        Args:
            place: a path, or a URL.

        Raises:
            HarcliError: pyarrow is not installed; or there is no such file, it is not of harcli, or not of one kind.
        """
        name = place if isinstance(place, Path) else shown(place)
        if importlib.util.find_spec("pyarrow") is None:
            raise HarcliError(f"{name}: Parquet needs pyarrow: {install('parquet')}")
        files = _files_at(place)
        self.path = files.place
        if not files.names:
            raise HarcliError(
                f"{self.path}: there are no .parquet files in it; `harcli tag ... --out NAME.parquet` makes them"
            )
        with files.opened() as streams:
            schema, self.info = _read_schema(files.names[0], next(streams))
            for file, stream in zip(files.names[1:], streams, strict=True):
                if _read_schema(file, stream)[1].attributes != self.info.attributes:
                    raise HarcliError(
                        f"{file}: has other attributes or thresholds than {files.names[0]}; put results of one kind "
                        "into a folder"
                    )
        self._columns = dict(zip(self.info.names, column_names(self.info.names), strict=True))
        with self._damage():
            self._data = files.data(schema)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left open."""

    def __len__(self) -> int:
        with self._damage():
            return int(self._data.count_rows())

    def people(self, where: Query | None = None) -> int:
        """How many people there are, or fit."""
        return sum(len(batch) for batch in self._batches(["person"], self._fitting(where, None), self._asked(where)))

    def records(
        self, where: Query | None = None, minimum: float | None = None, *, errors: bool = False
    ) -> Iterator[Record]:
        """See `KeptResults`."""
        from pyarrow import compute

        wanted = None if where is None else self._fitting(where, minimum)
        if wanted is not None and errors:
            wanted = wanted | compute.is_valid(compute.field("error"))
        for batch in self._batches(self._all, wanted):
            yield from self._records(batch)

    def paths(self, where: Query | None = None, minimum: float | None = None) -> Iterator[str]:
        """See `KeptResults`; two columns of the files and those of the query are enough."""
        last = None
        for batch in self._batches(["path", _RAW], self._fitting(where, minimum), self._asked(where, minimum)):
            for path, raw in zip(batch["path"].to_pylist(), batch[_RAW].to_pylist(), strict=True):
                if not isinstance(path, str):
                    raise HarcliError(f"{self.path}: damaged (a path is missing)")
                found = path if raw is None else raw.decode("utf-8", "surrogateescape")
                if found != last:
                    yield found
                last = found

    def photos_called(self, name: str) -> Iterator[list[Record]]:
        """See `KeptResults`; only rows of these photos become records."""
        from pyarrow import compute

        called = compute.ends_with(compute.field("path"), readable(name))
        records = (record for batch in self._batches(self._all, called) for record in self._records(batch))
        return (photo for photo in by_photo(records) if photo[0].path.endswith(name))

    def sample(self, count: int, where: Query | None = None) -> tuple[list[list[Record]], int]:
        """See `KeptResults`. The rows are counted first, so that only those which are wanted become records."""
        import numpy as np
        import pyarrow

        wanted = self._fitting(where, None)
        beginnings = Beginnings()
        total = sum(
            int(beginnings.of(batch).sum()) for batch in self._batches(["path", "person"], wanted, self._asked(where))
        )
        chosen = np.array(random.Random(0).sample(range(total), min(count, total)), np.int64)
        records: list[Record] = []
        beginnings, number = Beginnings(), -1
        for batch in self._batches(self._all, wanted):
            numbers = number + np.cumsum(beginnings.of(batch))
            number = int(numbers[-1]) if len(numbers) else number
            records += self._records(batch.filter(pyarrow.array(np.isin(numbers, chosen))))
        return list(by_photo(records)), total

    @property
    def _all(self) -> list[str]:
        """The columns that make a record."""
        return [*_FIRST, *self._columns.values()]

    def _records(self, batch: pyarrow.RecordBatch) -> Iterator[Record]:
        with self._damage():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                values: list[Any] = list(row)
                values[_TAGS] = ";".join(values[_TAGS])
                yield checked.record(values, self.info.names)

    def _batches(
        self, columns: list[str], wanted: pyarrow.compute.Expression | None, numbers: Sequence[str] = ()
    ) -> Iterator[pyarrow.RecordBatch]:
        """In the order of the files and of their rows.

        Args:
            numbers: columns in which none may be damaged.
        """
        with self._damage():
            columns = list(dict.fromkeys([*columns, *numbers]))
            found = self._data.scanner(columns=columns, filter=wanted, batch_size=_BATCH).to_batches()
        while True:
            with self._damage():
                if (batch := next(found, None)) is None:
                    return
                check(batch, numbers)
            yield batch

    def _fitting(self, where: Query | None, minimum: float | None) -> pyarrow.compute.Expression:
        """Rows of people, and for whom it holds, or for whom that cannot be told."""
        from pyarrow import compute

        people = compute.field("person") > 0
        if where is None:
            return people
        return people & damaged(self._asked(where, minimum), expression(where.tree, self._columns, minimum))

    def _asked(self, where: Query | None, minimum: float | None = None) -> list[str]:
        return [] if where is None else asked(where.tree, self._columns, minimum)

    @contextlib.contextmanager
    def _damage(self) -> Iterator[None]:
        """Errors of Arrow, and values that no record has, are the file's."""
        import pyarrow

        try:
            yield
        except (pyarrow.ArrowException, OSError, ValueError, TypeError) as error:
            raise HarcliError(f"{self.path}: damaged ({' '.join(str(error).split())})") from error


def _files_at(place: Path | str) -> Files:
    if isinstance(place, Path):
        return FilesHere(place)
    from harcli.remote.parquet import FilesElsewhere

    return FilesElsewhere(place)


def _read_schema(name: str, stream: BinaryIO) -> tuple[pyarrow.Schema, RunInfo]:
    """A file's columns, with those for videos that older files lack, and what it was made with.

    Raises:
        HarcliError: it cannot be read, or is not of harcli, or in the long form.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(stream)
        info = RunInfo.from_json(strict_json.loads(schema.metadata[b"harcli"]), str(Path.cwd()))
    except (pyarrow.ArrowException, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = getattr(error, "strerror", None)
        raise HarcliError(
            f"{name}: cannot be read ({reason})"
            if reason
            else f"{name}: not results of harcli, or damaged; `harcli tag ... --out NAME.parquet` makes them"
        ) from error
    if "attribute" in schema.names and "tags" not in schema.names:
        raise HarcliError(f"{name}: one row per attribute (--long) cannot be asked; tag again without --long")
    for column in TIME_COLUMNS:
        if column not in schema.names:
            schema = schema.append(pyarrow.field(column, pyarrow.int32() if column == "track" else pyarrow.float64()))
    columns = [*_FIRST, *column_names(info.names)]
    if missing := [column for column in columns if schema.names.count(column) != 1]:
        raise HarcliError(f"{name}: has no column {missing[0]}, or two; `harcli tag ... --out NAME.parquet` makes them")
    return schema, info
