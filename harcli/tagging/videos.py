"""A video as a source of photos: frames are looked at in batches, and each person followed through them is one."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.photos.decode import check_kind, reason
from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits
from harcli.remote.photo import PhotoPlace, at_hand
from harcli.tagging.content import Identity, stamp
from harcli.tagging.finding import Finding, Person
from harcli.tagging.reader import Pixels
from harcli.video import NEEDED, is_video, video_installed

if TYPE_CHECKING:
    from harcli.tagging.store import Store
    from harcli.video.decode import Frame

FPS = 1.0
"""Frames of a video that are looked at each second, if nothing else is said."""

_BUDGET = 128 * 2**20
"""Bytes of the frames in a batch."""

Look = Callable[[Sequence[Pixels]], Sequence[Finding]]


class Videos:
    """Finds the people of videos.

    Attributes:
        computed: videos that were computed, and not taken from the store.
        watching: the video that is being looked at and how far that is, `clip.mp4 at 1:02`; empty while there is none.
    """

    def __init__(self, look: Look, batch: int, limits: Limits, store: Store | None, fps: float = FPS) -> None:
        """
        Args:
            look: what is found in photos in memory, uint8 `(H, W, 3)` RGB.
            batch: how many at once.
            limits: those of photos hold for each frame.
            store: where findings are kept between runs; None: nowhere.
            fps: frames a second that are looked at.
        """
        self._look, self._batch, self._limits, self._store, self._fps = look, batch, limits, store, fps
        self.computed = 0
        self.watching = ""

    def finding(self, place: PhotoPlace) -> Finding:
        """What was found in a video; it is in the store before it is given.

        Raises:
            HarcliError: detection, recognition or the store failed as such.
        """
        if not video_installed():
            return Finding(error=NEEDED)
        try:
            if isinstance(place, Path):
                check_kind(place)  # before its content is read: a named pipe would wait for ever
                return self._finding(place, None if self._store is None else self._store.identify(place))
            vouched = None if self._store is None else self._store.vouched(place)
            if vouched is not None and (known := self._known(self._as_looked_at(vouched))) is not None:
                return known
            with at_hand(place) as copy:
                identity = None if self._store is None else self._store.identify_copy(place, copy)
                return self._finding(copy.file, identity)
        except PhotoError as error:
            return Finding(error=error.reason)
        except (OSError, ValueError) as error:
            return Finding(error=reason(error))

    def _finding(self, file: Path, identity: Identity | None) -> Finding:
        """
        Args:
            identity: of the file's content; None without a store.
        """
        if identity is not None:
            identity = self._as_looked_at(identity)
            if (known := self._known(identity)) is not None:
                return known
        try:
            finding = self._watch(file)
        finally:
            self.watching = ""
        self.computed += 1
        if self._store is not None and identity is not None:
            # A video that is damaged is looked at again, as a photo is; that its content was read is kept.
            self._store.keep([] if finding.note else [(identity, finding)])
        return finding

    def _as_looked_at(self, video: Identity) -> Identity:
        """The content of a video as it is looked at: another one for another number of frames a second."""
        from harcli.video.tracker import VERSION

        seen = hashlib.blake2b(video.content + f" video {self._fps:g} {VERSION}".encode(), digest_size=32)
        return replace(video, content=seen.digest())

    def _known(self, video: Identity) -> Finding | None:
        """What the store has, if it is not too large for this run."""
        return None if self._store is None else self._store.get(video.content, self._limits.megapixels)

    def _watch(self, path: Path) -> Finding:
        from harcli.video.clock import clock_time
        from harcli.video.frames import Film
        from harcli.video.tracks import Tracks

        before = stamp(path)
        film, tracks = Film(path, self._limits), Tracks(self._fps)
        size: tuple[int, int] | None = None
        with closing(film.frames(self._fps)) as frames:
            for some in _batches(frames, self._batch):
                for frame, found in zip(some, self._look([frame.pixels for frame in some]), strict=True):
                    now = (frame.pixels.shape[1], frame.pixels.shape[0])
                    size = size or now
                    people = found.people if now == size else _fitted(found.people, now, size)
                    rows = [person.probabilities for person in people]
                    tracks.add(frame.time, [p.box for p in people], [p.score for p in people], rows)
                    self.watching = f"{path.name} at {clock_time(frame.time)}"
        note = film.note if stamp(path) == before else "changed while it was looked at"
        people = tuple(Person(box, score, row, seen) for box, score, row, seen in tracks.people())
        return Finding(size, people, note=note)


def in_order(
    files: Iterable[PhotoPlace],
    photos: Callable[[Iterable[PhotoPlace]], Iterable[tuple[PhotoPlace, Finding]]],
    video: Callable[[PhotoPlace], Finding],
) -> Iterator[tuple[PhotoPlace, Finding]]:
    """Photos and videos with their findings, in the order of the files.

    Args:
        photos: gives the findings of many photos, in turn; it reads ahead.
        video: gives that of one video.
    """
    order: deque[PhotoPlace] = deque()

    def only_photos() -> Iterator[PhotoPlace]:
        for path in files:
            order.append(path)  # before the pipeline has it: the videos before a photo are known when it is done
            if not is_video(path):
                yield path

    for path, finding in photos(only_photos()):
        while (earlier := order.popleft()) is not path:
            yield earlier, video(earlier)
        yield path, finding
    for path in order:
        yield path, video(path)


def _batches(frames: Iterable[Frame], most: int) -> Iterator[list[Frame]]:
    """Frames in batches, of fewer where they are large."""
    batch: list[Frame] = []
    for frame in frames:
        batch.append(frame)
        if len(batch) >= most or len(batch) * frame.pixels.nbytes >= _BUDGET:
            yield batch
            batch = []
    if batch:
        yield batch


def _fitted(people: Sequence[Person], now: tuple[int, int], size: tuple[int, int]) -> list[Person]:
    """People of a frame that has another size than the first one, where they are in that one's."""
    right, down = size[0] / now[0], size[1] / now[1]
    boxes = [(x1 * right, y1 * down, x2 * right, y2 * down) for x1, y1, x2, y2 in (person.box for person in people)]
    return [replace(person, box=box) for person, box in zip(people, boxes, strict=True)]
