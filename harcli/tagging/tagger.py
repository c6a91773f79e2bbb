"""Photos to records: decoding, detection and recognition, each in batches of its own."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.attributes import resolve_tags
from harcli.people.detection import left_to_right
from harcli.photos.decode import MAX_MEGAPIXELS
from harcli.photos.errors import PhotoError
from harcli.results import Record
from harcli.tagging.reader import Pixels, read_ahead

if TYPE_CHECKING:
    from harcli.people import Detection, PersonDetector
    from harcli.recognition.model import AttributeModel

_PHOTO_BUDGET = 256 * 2**20
"""Bytes of decoded photos in a detection batch, and again in those that wait for one. A photo may exceed it alone."""

_PHOTOS_PENDING = 64
"""Photos whose records wait for a full batch of persons, at most; where people are rare, records still come."""


@dataclass(slots=True)
class _Photo:
    """A photo on its way: its people are found, their attributes perhaps not yet."""

    path: Path
    size: tuple[int, int] | None = None
    error: str = ""
    people: list[Detection] = field(default_factory=list)
    crops: list[Pixels] = field(default_factory=list)


class Tagger:
    """Finds the people in photos and tags each with attributes.

    Attributes:
        attributes: names of the attributes that are given, the order of `Record.probabilities`.
    """

    def __init__(
        self,
        detector: PersonDetector,
        model: AttributeModel,
        *,
        without: Collection[str] = (),
        max_megapixels: float = MAX_MEGAPIXELS,
        workers: int | None = None,
    ) -> None:
        """
        Args:
            detector: finds people.
            model: recognises their attributes; its `batch_size` is also the number of photos in a detection batch.
            without: attributes of the model that are to be left out.
            max_megapixels: see `harcli.photos.decode.decode`.
            workers: threads that decode; None: 2 to 8 by the number of cores.
        """
        self._detector = detector
        self._model = model
        self._kept = [i for i, name in enumerate(model.metadata.names) if name not in without]
        self.attributes = [model.metadata.names[i] for i in self._kept]
        self._max_megapixels = max_megapixels
        self._workers = workers or min(max(os.cpu_count() or 2, 2), 8)

    def tag(self, paths: Iterable[Path]) -> Iterator[Record]:
        """The records of all photos, in the order of `paths`; at least one a path."""
        for records in self.tag_each(paths):
            yield from records

    def tag_each(self, paths: Iterable[Path]) -> Iterator[list[Record]]:
        """For each path in turn its records: one a person, or a single one if there is no person or an error.

        Raises:
            HarcliError: detection or recognition failed as such, out of memory for example.
        """
        pending: list[_Photo] = []
        for batch in self._photo_batches(paths):
            self._detect(batch)
            pending += [photo for photo, _ in batch]
            del batch  # the pixels; the crops are cut
            if sum(len(photo.crops) for photo in pending) >= self._model.batch_size or len(pending) >= _PHOTOS_PENDING:
                yield from self._recognise(pending)
                pending = []
        yield from self._recognise(pending)

    def _photo_batches(self, paths: Iterable[Path]) -> Iterator[list[tuple[_Photo, Pixels | None]]]:
        """Photos in batches of the model's batch size, of fewer where they are large."""
        batch: list[tuple[_Photo, Pixels | None]] = []
        held = 0
        ahead = self._workers + 2
        for path, pixels in read_ahead(paths, self._max_megapixels, self._workers, ahead, _PHOTO_BUDGET):
            if isinstance(pixels, PhotoError):
                batch.append((_Photo(path, error=pixels.reason), None))
            else:
                batch.append((_Photo(path, size=(pixels.shape[1], pixels.shape[0])), pixels))
                held += pixels.nbytes
            if len(batch) >= self._model.batch_size or held >= _PHOTO_BUDGET:
                yield batch
                batch, held = [], 0
        yield batch

    def _detect(self, batch: list[tuple[_Photo, Pixels | None]]) -> None:
        """Fill in `people`, from left to right, and `crops`."""
        readable = [(photo, pixels) for photo, pixels in batch if pixels is not None]
        if not readable:
            return
        found = self._detector.detect([pixels for _, pixels in readable])
        for (photo, pixels), people in zip(readable, found, strict=True):
            photo.people = left_to_right(people)
            photo.crops = [self._model.cut(pixels, person.box) for person in photo.people]

    def _recognise(self, photos: list[_Photo]) -> Iterator[list[Record]]:
        metadata = self._model.metadata
        rows = iter(self._model.probabilities([crop for photo in photos for crop in photo.crops]).tolist())
        for photo in photos:
            width, height = photo.size or (None, None)
            records = []
            for number, person in enumerate(photo.people, start=1):
                row = next(rows)
                tags = resolve_tags(metadata.names, row, metadata.thresholds)
                records.append(
                    Record(
                        str(photo.path), width, height, number, person.box, person.score,
                        tags=tuple(name for name in tags if name in self.attributes),
                        probabilities={metadata.names[i]: row[i] for i in self._kept},
                    )
                )  # fmt: skip
            yield records or [Record(str(photo.path), width, height, error=photo.error)]
