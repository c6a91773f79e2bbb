"""Photos to findings, in stages that overlap:

read        what the store does not know, and decode it       (source, reader)
detect      people, a batch of photos at a time, and cut them out
recognise   a batch of people at a time, of as many photos as it takes      (pending)
keep        in the store
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.errors import HarcliError
from harcli.people.detection import left_to_right
from harcli.photos.limits import MAX_MEGAPIXELS, MAX_MEMORY, PHOTO_TIMEOUT, Limits
from harcli.photos.memory import Memory
from harcli.remote.photo import PhotoPlace
from harcli.runtime import reader_count
from harcli.runtime.flow import Flow, Stopped
from harcli.tagging.busy import COMPUTE, CROP, DETECT, KEEP, READ, RECOGNISE, Busy
from harcli.tagging.finding import Finding
from harcli.tagging.pending import Bunch, Pending, bunches
from harcli.tagging.reader import Photo, Pixels, read_ahead
from harcli.tagging.source import Source

if TYPE_CHECKING:
    from harcli.people import PersonDetector
    from harcli.recognition.model import AttributeModel
    from harcli.tagging.store import Store

_PHOTO_BUDGET = 32 * 2**20
"""Bytes of decoded photos in a detection batch, and again in those that wait for one, for each thread that reads:
nearly a photo of 12 megapixels. A photo may exceed it alone."""

_PHOTOS_AT_ONCE = 64
"""Photos in a detection batch, with those that are known and need no detection."""


_PATIENCE = 0.1
"""Seconds that Ctrl-C and SIGTERM wait for a network that is at work."""


class Pipeline:
    """Finds the people in photos and what the model says of each.

    Attributes:
        limits: of what decoding may cost.
        workers: threads that decode.
        photos_at_once: photos in a detection batch.
        computed: photos that were looked at, and not taken from the store.
        busy: how long each stage was at work.
    """

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
        again: bool = False,
    ) -> None:
        """
        Args:
            detector: finds people. Its `batch_size`, if it has one, is the number of photos in a detection batch, else
                the model's is. Its `lanes`, 1 if it has none, is how many batches it computes at the same time.
            model: recognises their attributes; it has `lanes` as well.
            max_megapixels, max_memory, photo_timeout: see `harcli.photos.limits.Limits`.
            workers: threads that decode; None: 2 to 8 by the processors that the process may use.
            store: keeps findings, and has those of earlier runs.
            again: whoever takes a finding decodes its photo again, for which memory is kept until the next is asked
                for.
        """
        self._detector = detector
        self._model = model
        self._store = store
        self.limits = Limits(max_megapixels, max_memory, photo_timeout)
        self._again = again
        self._source = Source(self.limits, store, again)
        self.workers = workers or reader_count()
        self._budget = _PHOTO_BUDGET * max(self.workers, 2)
        self.photos_at_once: int = getattr(detector, "batch_size", model.batch_size)
        self._lanes = [max(1, getattr(each, "lanes", 1)) for each in (detector, model)]
        lanes = max(self._lanes)
        # Detection and recognition share the cores: no more networks are at work than there are lanes.
        self._lane = threading.Semaphore(lanes)
        self._not_kept: dict[bytes, Finding] = {}  # of this run, by content: errors, and photos that are cut off
        self.computed = 0
        self.busy = Busy({READ: self.workers, **dict.fromkeys((DETECT, CROP, RECOGNISE, COMPUTE), lanes)})

    def findings(self, paths: Iterable[PhotoPlace]) -> Iterator[tuple[PhotoPlace, Finding]]:
        """The finding of each path in turn. New ones are in the store before they are given.

        Raises:
            HarcliError: detection, recognition or the store failed as such, out of memory for example.
        """
        flow, patience = Flow(), None
        try:
            photos = read_ahead(
                *(map(self._source.look_up, paths), self.read, self.workers, self.workers + 2, self._budget),
                limits=self.limits,
                stopped=lambda: flow.stopped,
            )
            for photo, finding in self.look_at(flow, self._batches(photos)):
                yield photo.path, finding
                photo.share.give_back()
        except (KeyboardInterrupt, SystemExit):
            patience = _PATIENCE
            raise
        finally:
            flow.stop(patience)

    def look_at(self, flow: Flow, batches: Iterable[list[Photo]]) -> Iterator[tuple[Photo, Finding]]:
        """The findings of photos that have been read, in turn, as stages of `flow`.

        Args:
            batches: photos for one run of the detector each. An empty one says that no more come for now, so that
                people do not wait for a full batch.
        """
        detector, model = self._lanes
        detected = flow.stage("detect", batches, partial(self._detect, flow=flow), threads=detector)
        people = bunches(detected, self._model.batch_size)
        recognised = flow.stage("recognise", people, partial(self._recognise, flow=flow), threads=model, ahead=8)
        for kept in flow.stage("keep", recognised.bunches(), self._keep):
            yield from kept

    def look(self, pixels: Pixels) -> Finding:
        """The finding of one photo in memory, uint8 `(H, W, 3)` RGB.

        Raises:
            HarcliError: they are of another shape or type.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != "uint8" or 0 in pixels.shape:
            raise HarcliError(f"pixels {pixels.shape} {pixels.dtype}: expected uint8 (H, W, 3) in RGB")
        [finding] = self.look_all([pixels])
        return finding

    def look_all(self, images: Sequence[Pixels]) -> list[Finding]:
        """The findings of photos in memory, uint8 `(H, W, 3)` RGB each, in the same order; all at once.

        Raises:
            HarcliError: detection or recognition failed as such.
        """
        pending = self._detect([Photo(Path(), pixels) for pixels in images])
        for bunch in bunches([pending], self._model.batch_size):
            self._recognise(bunch)
        return [one.finding() for one in pending]

    def _batches(self, photos: Iterable[Photo | None]) -> Iterator[list[Photo]]:
        """Photos in batches, of fewer where they are large."""
        batch: list[Photo] = []
        decoded = held = 0
        for photo in photos:
            if photo is not None:
                batch.append(photo)
                decoded += photo.pixels is not None
                held += 0 if photo.pixels is None else photo.pixels.nbytes
            full = len(batch) >= _PHOTOS_AT_ONCE or decoded >= self.photos_at_once or held >= self._budget
            if (batch and (photo is None or full)) or (photo is None and self._again):
                yield batch
                batch, decoded, held = [], 0, 0
        if batch:
            yield batch

    def read(self, photo: Photo) -> None:
        """Fill in the photo's pixels, or what is known of it instead: from the store, or that it cannot be read."""
        with self.busy.at(READ):
            self._source.read(photo)

    @contextmanager
    def _in_lane(self, flow: Flow | None) -> Iterator[None]:
        """Raises Stopped where nothing is wanted any more when a lane is free."""
        with self._lane:
            if flow is not None and flow.stopped:
                raise Stopped
            yield

    def _detect(self, batch: Sequence[Photo], flow: Flow | None = None) -> list[Pending]:
        """The photos with their people, from left to right, and crops; without their pixels."""
        pending = [Pending(photo) for photo in batch]
        images = [(one, one.photo.pixels) for one in pending if one.photo.pixels is not None]
        if not images:
            return pending
        with self._in_lane(flow):
            with self.busy.at(DETECT):
                found = self._detector.detect([pixels for _, pixels in images])
            for (one, pixels), people in zip(images, found, strict=True):
                one.size = (pixels.shape[1], pixels.shape[0])
                one.people = left_to_right(people)
                with self.busy.at(CROP):
                    one.crops = [self._model.cut(pixels, person.box) for person in one.people]
        for one, _ in images:
            one.photo.pixels = None
            if not self._again:
                one.photo.share.give_back()
        return pending

    def _recognise(self, bunch: Bunch, flow: Flow | None = None) -> Bunch:
        crops = [crop for one, number in bunch.people if (crop := one.crops[number]) is not None]
        if crops:
            with self._in_lane(flow), self.busy.at(RECOGNISE):
                rows = self._model.probabilities(crops)
            for (one, number), row in zip(bunch.people, rows, strict=True):
                one.rows[number], one.crops[number] = row, None
        return bunch

    def _keep(self, recognised: Sequence[Bunch]) -> list[tuple[Photo, Finding]]:
        done = [one for bunch in recognised for one in bunch.done]
        fresh = []
        for one in done:
            photo = one.photo
            if one.size is not None:
                photo.finding = one.finding()
                self.computed += 1
                fresh.append(photo)
            if photo.identity is not None and photo.finding is not None and (photo.finding.error or photo.finding.note):
                self._not_kept[photo.identity.content] = photo.finding
        if self._store is not None:
            with self.busy.at(KEEP):
                self._store.keep([(p.identity, p.finding) for p in fresh if p.identity and p.finding and not p.note])
        return [(one.photo, one.photo.finding or self._twin(one.photo)) for one in done]

    def _twin(self, photo: Photo) -> Finding:
        """The finding of a photo whose content came earlier in this run."""
        assert photo.identity is not None
        content = photo.identity.content
        finding = self._not_kept.get(content) or self._source.known(content)
        return finding or self.alone(photo)  # if the earlier file has changed or vanished since

    def alone(self, photo: Photo) -> Finding:
        """The finding of a photo, read anew and looked at by itself."""
        photo.share.give_back()
        photo.share = Memory(self.limits.bytes).share()
        self._source.decode(photo)
        [pending] = self._detect([photo])
        [*_, last] = map(self._recognise, bunches([[pending]], self._model.batch_size))
        [(_, finding)] = self._keep([last])
        return finding
