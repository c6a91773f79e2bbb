"""Photos to findings: reading, detection and recognition, each in batches of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.people.detection import left_to_right
from harcli.photos.limits import MAX_MEGAPIXELS, MAX_MEMORY, PHOTO_TIMEOUT, Limits
from harcli.photos.memory import Memory
from harcli.runtime import reader_count
from harcli.tagging.busy import CROP, DETECT, KEEP, READ, RECOGNISE, Busy
from harcli.tagging.finding import Finding, Person
from harcli.tagging.reader import Photo, Pixels, read_ahead
from harcli.tagging.source import Source

if TYPE_CHECKING:
    from harcli.people import Detection, PersonDetector
    from harcli.recognition.model import AttributeModel
    from harcli.tagging.store import Store

_PHOTO_BUDGET = 256 * 2**20
"""Bytes of decoded photos in a detection batch, and again in those that wait for one. A photo may exceed it alone."""

_PHOTOS_PENDING = 64
"""Photos whose findings wait for a full batch of persons, at most; where people are rare, results still come."""


@dataclass(slots=True)
class _Pending:
    """A photo on its way: its people are found, their attributes perhaps not yet."""

    photo: Photo
    size: tuple[int, int] | None = None
    people: list[Detection] = field(default_factory=list)
    crops: list[Pixels] = field(default_factory=list)


class Pipeline:
    """Finds the people in photos and what the model says of each."""

    def __init__(
        self,
        detector: PersonDetector,
        model: AttributeModel,
        *,
        max_megapixels: float = MAX_MEGAPIXELS,
        max_memory: float = MAX_MEMORY,
        photo_timeout: float = PHOTO_TIMEOUT,
        workers: int | None = None,
        store: Store | None = None,
    ) -> None:
        """
        Args:
            detector: finds people.
            model: recognises their attributes; its `batch_size` is also the number of photos in a detection batch.
            max_megapixels, max_memory, photo_timeout: see `harcli.photos.limits.Limits`.
            workers: threads that decode; None: 2 to 8 by the processors that the process may use.
            store: keeps findings, and has those of earlier runs.
        """
        self._detector = detector
        self._model = model
        self._store = store
        self._limits = Limits(max_megapixels, max_memory, photo_timeout)
        self._source = Source(self._limits, store)
        self._workers = workers or reader_count()
        self._not_kept: dict[bytes, Finding] = {}  # of this run, by content: errors, and photos that are cut off
        self.computed = 0
        self.busy = Busy({READ: self._workers})

    def findings(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Finding]]:
        """The finding of each path in turn. New ones are in the store before they are given.

        Raises:
            HarcliError: detection, recognition or the store failed as such, out of memory for example.
        """
        pending: list[_Pending] = []
        for batch in self._batches(paths):
            pending += self._detect(batch)
            for photo in batch:  # without pixels; the crops are cut
                photo.share.give_back()
            crops = sum(len(one.crops) for one in pending)
            if crops >= self._model.batch_size or len(pending) >= _PHOTOS_PENDING:
                yield from self._recognise(pending)
                pending = []
        yield from self._recognise(pending)

    def look(self, pixels: Pixels) -> Finding:
        """The finding of one photo in memory, uint8 `(H, W, 3)` RGB."""
        [pending] = self._detect([Photo(Path(), Memory(0).share(), pixels)])
        rows = self._model.probabilities(pending.crops)
        return Finding(pending.size, _people(pending, iter(rows)))

    def _batches(self, paths: Iterable[Path]) -> Iterator[list[Photo]]:
        """Photos in batches of the model's batch size, of fewer where they are large."""
        batch: list[Photo] = []
        held = 0
        ahead = self._workers + 2
        for photo in read_ahead(paths, self._read, self._workers, ahead, _PHOTO_BUDGET, self._limits):
            if photo is not None:
                batch.append(photo)
                held += 0 if photo.pixels is None else photo.pixels.nbytes
            if photo is None or len(batch) >= self._model.batch_size or held >= _PHOTO_BUDGET:
                yield batch
                batch, held = [], 0
        yield batch

    def _read(self, photo: Photo) -> None:
        with self.busy.at(READ):
            self._source.read(photo)

    def _detect(self, batch: list[Photo]) -> list[_Pending]:
        """The photos with their people, from left to right, and crops; without their pixels."""
        pending = [_Pending(photo) for photo in batch]
        images = [(one, one.photo.pixels) for one in pending if one.photo.pixels is not None]
        with self.busy.at(DETECT):
            found = self._detector.detect([pixels for _, pixels in images]) if images else []
        for (one, pixels), people in zip(images, found, strict=True):
            one.size = (pixels.shape[1], pixels.shape[0])
            one.people = left_to_right(people)
            with self.busy.at(CROP):
                one.crops = [self._model.cut(pixels, person.box) for person in one.people]
            one.photo.pixels = None
        return pending

    def _recognise(self, pending: list[_Pending]) -> Iterator[tuple[Path, Finding]]:
        with self.busy.at(RECOGNISE):
            rows = iter(self._model.probabilities([crop for one in pending for crop in one.crops]))
        fresh = []
        for one in pending:
            photo = one.photo
            if one.size is not None:
                photo.finding = Finding(one.size, _people(one, rows), note=photo.note)
                self.computed += 1
                fresh.append(photo)
            if photo.identity is not None and photo.finding is not None and (photo.finding.error or photo.finding.note):
                self._not_kept[photo.identity.content] = photo.finding
        if self._store is not None:
            with self.busy.at(KEEP):
                self._store.keep([(p.identity, p.finding) for p in fresh if p.identity and p.finding and not p.note])
        for one in pending:
            yield one.photo.path, one.photo.finding or self._twin(one.photo)

    def _twin(self, photo: Photo) -> Finding:
        """The finding of a photo whose content came earlier in this run."""
        assert photo.identity is not None
        content = photo.identity.content
        finding = self._not_kept.get(content) or self._source.known(content)
        if finding is None:  # the earlier file has changed or vanished since
            photo.share = Memory(self._limits.bytes).share()
            self._source.decode(photo)
            [pending] = self._detect([photo])
            [(_, finding)] = self._recognise([pending])
        return finding


def _people(one: _Pending, rows: Iterator[object]) -> tuple[Person, ...]:
    return tuple(Person(person.box, person.score, next(rows)) for person in one.people)  # type: ignore[arg-type]
