"""A data set as a destination of a run on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from harcli.outputs.dataset.folder import Folder
from harcli.outputs.dataset.known import look, prune
from harcli.outputs.dataset.parts import PHOTOS, part_name, run_name, write_part
from harcli.outputs.dataset.stamps import Named
from harcli.results import Record, RunInfo


class DatasetSink:
    """Writes parts as the run goes on; photos whose records are there already are passed over.

    Attributes:
        current: names of these.
    """

    def __init__(self, folder: Folder, info: RunInfo, photos: Sequence[Named], *, fresh: bool = False) -> None:
        """
        Args:
            folder: has been begun with the run's settings.
            photos: all whose records will come.
            fresh: write all anew.

        Raises:
            HarcliError: what is in the folder cannot be read.
        """
        self._folder, self._info = folder, info
        self._photos = {photo.name: photo for photo in photos}
        known = look(folder, {photo.name: photo.stamp for photo in photos}, fresh=fresh)
        self.current, self._outdated = known.current, known.outdated
        self._run, self._written = run_name(), 0
        self._records: list[list[Record]] = []

    def __enter__(self) -> DatasetSink:
        return self

    def write(self, record: Record) -> None:
        """Add a record; those of one photo follow one another.

        Raises:
            HarcliError: a part cannot be written.
        """
        if record.path in self.current:
            return
        photo = self._records[-1] if self._records else []
        if photo and record.path == photo[0].path and record.person > photo[-1].person:
            photo.append(record)
            return
        if len(self._records) == PHOTOS:
            self._flush()
        self._records.append([record])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
            prune(self._folder, self._outdated)

    def _flush(self) -> None:
        if self._records:
            photos = [self._photos[records[0].path] for records in self._records]
            name = part_name(self._run, self._written, photos)
            write_part(self._folder, name, self._info, photos, self._records)
            self._written += len(photos)
            self._records = []
