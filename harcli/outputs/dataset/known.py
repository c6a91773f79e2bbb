"""What a data set has already: which photos need not be looked at again, and which of its rows are out of date."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harcli.errors import HarcliError
from harcli.outputs.dataset.folder import Folder
from harcli.outputs.dataset.stamps import STAMP_COLUMNS, Stamp

if TYPE_CHECKING:
    import pyarrow

DEADLY = "it has ended three processes that looked at it, and is not looked at any more"
"""The error of a photo that kills whoever decodes it. Unlike other errors, it is not tried again."""

_AT_ONCE = 16
"""Parts that are read at the same time: a server takes its time for each."""

_RAW = "path_bytes"


@dataclass(slots=True)
class Known:
    """What there is of the photos that a run is about.

    Attributes:
        current: names of photos whose records are there, and of the photo as it is now.
        outdated: by part, the names of photos of which it has records that another part has, or will have, instead.
    """

    current: set[str] = field(default_factory=set)
    outdated: dict[str, set[str]] = field(default_factory=dict)


def look(folder: Folder, wanted: Mapping[str, Stamp], *, fresh: bool = False) -> Known:
    """Look into all parts. Rows of photos that this run is not about are nobody's business.

    Args:
        wanted: photos by name.
        fresh: what is there does not count.

    Raises:
        HarcliError: a part cannot be read, or is not of such a data set.
    """
    known = Known()
    parts = folder.parts()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for part, photos in zip(parts, pool.map(lambda part: list(_photos(folder, part)), parts), strict=True):
            for name, stamp, error in photos:
                if (now := wanted.get(name)) is None:
                    continue
                holds = not fresh and now == stamp and now.holds and error in (None, DEADLY)
                if holds and name not in known.current:
                    known.current.add(name)
                else:
                    known.outdated.setdefault(part, set()).add(name)
    return known


def prune(folder: Folder, outdated: Mapping[str, set[str]]) -> None:
    """Take rows that are out of date from their parts, once others have come in their place.

    Raises:
        HarcliError: a part cannot be read or written.
    """
    import pyarrow
    from pyarrow import parquet

    for part, names in outdated.items():
        table = _table(folder, part)
        keep = pyarrow.array([name not in names for name in _names(table)], pyarrow.bool_())
        left = table.filter(keep)
        if not left.num_rows:
            folder.remove(part)
            continue
        with folder.writing(part) as file, file.open("wb") as stream:
            parquet.write_table(left, stream, compression="zstd")


def _photos(folder: Folder, part: str) -> Iterator[tuple[str, Stamp, str | None]]:
    """Name, stamp and error of each photo in a part."""
    table = _table(folder, part, ["path", _RAW, "error", *STAMP_COLUMNS])
    last = None
    columns = (table.column(name).to_pylist() for name in ("error", *STAMP_COLUMNS))
    for name, error, etag, size, modified in zip(_names(table), *columns, strict=True):
        if name != last:
            yield name, Stamp(etag or "", size, modified), error
        last = name


def _names(table: pyarrow.Table) -> Iterator[str]:
    for path, raw in zip(table.column("path").to_pylist(), table.column(_RAW).to_pylist(), strict=True):
        yield path if raw is None else raw.decode("utf-8", "surrogateescape")


def _table(folder: Folder, part: str, columns: list[str] | None = None) -> pyarrow.Table:
    import pyarrow
    from pyarrow import parquet

    if (content := folder.read(part)) is None:
        raise HarcliError(f"{folder}{part}: has vanished while it was looked for; is another run at work there?")
    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        if missing := {"path", _RAW, "error", *STAMP_COLUMNS} - set(file.schema_arrow.names):
            raise HarcliError(f"{folder}{part}: has no column {min(missing)}, so it is not of this data set; move it")
        return file.read(columns)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise HarcliError(
            f"{folder}{part}: damaged ({' '.join(str(error).split())[:100]}); remove it, then its photos come again"
        ) from None
