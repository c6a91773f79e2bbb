"""Tag photos in a process of its own, and say how fast that was, which stages were busy, and how much memory it took.

Standard input: a `Request` as JSON; standard output: an `Answer`, or `{"error": ...}`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harcli.errors import HarcliError

if TYPE_CHECKING:
    import numpy as np

    from harcli.people import Detection, PersonDetector
    from harcli.tagging.tagger import Tagger

RUNS = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What to tag, and how.

    Attributes:
        photos: paths.
        people: boxes by shares of width and height that take the place of the detector's answer; empty: they do not.
        seconds: for all `RUNS` runs together.
        model, detector, provider, threads, batch_size: see `Tagger`.
    """

    photos: Sequence[str]
    people: Sequence[Sequence[float]]
    seconds: float
    model: str | None = None
    detector: str | None = None
    provider: str = "auto"
    threads: int | None = None
    batch_size: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run: photos and people, seconds, and the share of the time that each stage was at work, 0..1."""

    photos: int
    people: int
    seconds: float
    busy: dict[str, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was measured.

    Attributes:
        start: seconds for opening the models and the first photos.
        peak_memory: bytes, of the whole process.
        provider: what computed.
    """

    runs: list[Run]
    start: float
    peak_memory: int
    provider: str


class Placed:
    """A detector whose answer is replaced, after it has computed."""

    def __init__(self, detector: PersonDetector, people: Sequence[Sequence[float]]) -> None:
        self._detector = detector
        self._people = people

    def __getattr__(self, name: str) -> Any:
        return getattr(self._detector, name)

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        """The same people in each image."""
        from harcli.people import Detection

        self._detector.detect(images)
        sizes = [(image.shape[1], image.shape[0]) * 2 for image in images]
        return [
            [Detection(tuple(part * side for part, side in zip(box, sides, strict=True)), 0.9) for box in self._people]
            for sides in sizes
        ]


def measure(request: Request) -> Answer:
    """Raises HarcliError: a model cannot be used, or none of the photos can be read."""
    from harcli.bench.memory import peak_memory
    from harcli.people import load_detector
    from harcli.tagging.tagger import Tagger

    begin = time.perf_counter()
    detector = load_detector(request.detector, provider=request.provider, batch_size=request.batch_size, in_lanes=True)
    tagger = Tagger(
        request.model,
        Placed(detector, request.people) if request.people else detector,
        provider=request.provider,
        threads=request.threads,
        batch_size=request.batch_size,
    )
    photos = itertools.cycle(Path(photo) for photo in request.photos)
    _run(tagger, photos, 0.0)  # does not count: the first run is slower
    start = time.perf_counter() - begin
    runs = [_run(tagger, photos, request.seconds / RUNS) for _ in range(RUNS)]
    if not any(run.photos for run in runs):
        raise HarcliError("none of the photos can be read; `harcli tag` says why")
    return Answer(runs, start, peak_memory(), tagger.model.provider)


def _run(tagger: Tagger, photos: Iterator[Path], seconds: float) -> Run:
    """Photos are begun for so many seconds; all that were begun count, and so does the time until the last is done."""
    begin, before, done, people = time.perf_counter(), tagger.busy.seconds, 0, 0
    for records in tagger.tag_files(_begun(photos, begin + seconds, tagger.model.batch_size)):
        done += not records[0].error
        people += sum(record.box is not None for record in records)
    passed = time.perf_counter() - begin
    return Run(done, people, passed, tagger.busy.shares(before, passed))


def _begun(photos: Iterator[Path], end: float, least: int) -> Iterator[Path]:
    """Photos until the time is over; `least` at least."""
    for count, photo in enumerate(photos):
        if count >= least and time.perf_counter() >= end:
            return
        yield photo


def main() -> None:
    """Answer the request on standard input."""
    request = Request(**json.load(sys.stdin))
    out, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    try:
        said = asdict(measure(request))
    except HarcliError as error:
        said = {"error": str(error)}
    with contextlib.suppress(BrokenPipeError):  # whoever asked has gone
        json.dump(said, out)
