"""One file of a data set: the records of some hundred photos, and the stamps of these."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence

from harcli.outputs.dataset.folder import Folder
from harcli.outputs.dataset.stamps import Named
from harcli.outputs.parquet import ParquetSink
from harcli.results import Record, RunInfo

PHOTOS = 500
"""In one part: less than half a megabyte, and what two cores tag in less than half a minute (docs/cluster.md)."""


def run_name() -> str:
    """The beginning of the names of a run's parts: when, in UTC, and something of its own. Later runs come later."""
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(2)}"


def part_name(run: str, first: int, photos: Sequence[Named]) -> str:
    """The name of a part. A part that is made twice in a run has the same one, so the second replaces the first.

    Args:
        first: the number of its first photo in the run, so that parts in order of their names are in that of photos.
    """
    state = hashlib.sha256()
    for photo in photos:
        text = f"{photo.name}\0{photo.stamp.etag}\0{photo.stamp.size}\0{photo.stamp.modified}\0"
        state.update(text.encode("utf-8", "surrogateescape"))
    return f"{run}-{first:09}-{state.hexdigest()[:12]}.parquet"


def write_part(
    folder: Folder, name: str, info: RunInfo, photos: Sequence[Named], records: Sequence[Sequence[Record]]
) -> None:
    """Write the records of some photos, in their order.

    Args:
        records: of each photo, under its name.

    Raises:
        HarcliError: it cannot be written.
    """
    stamps = {photo.name: photo.stamp for photo in photos}
    with folder.writing(name) as file, ParquetSink(file, info, stamps=stamps) as sink:
        for of_photo in records:
            for record in of_photo:
                sink.write(record)
