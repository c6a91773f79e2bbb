"""The stages of tagging: what they compute is what one step after the other computes, and they overlap."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from harcli.people import load_detector
from harcli.people.detection import Detection, left_to_right
from harcli.photos.decode import decode
from harcli.photos.guarded import check_header
from harcli.photos.limits import Limits
from harcli.photos.memory import Memory
from harcli.recognition.model import AttributeModel
from harcli.runtime import Runner, limit_threads
from harcli.tagging import pipeline, reader, source
from harcli.tagging.pipeline import Pipeline
from harcli.tagging.settings import Settings
from harcli.tagging.store import Store
from harcli.tagging.tagger import Tagger

LONG = 20.0  # seconds


@pytest.fixture
def two_threads() -> Iterator[None]:
    limit_threads(2)
    yield
    limit_threads(None)


def written(folder: Path, count: int, size: tuple[int, int] = (12, 10)) -> list[Path]:
    """Photos that differ."""
    paths = [folder / f"{i}.png" for i in range(count)]
    rng = np.random.default_rng(3)
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(path)
    return paths


def test_overlapping_stages_find_to_the_bit_what_one_step_after_the_other_finds(
    photos: Path, two_threads: None
) -> None:
    with Image.open(photos / "bus.jpg") as bus:
        bus.resize((300, 400)).save(photos / "small.jpg")
        bus.crop((0, 380, 810, 900)).save(photos / "wide.jpg")
        bus.crop((600, 300, 810, 1000)).save(photos / "narrow.jpg")
    Image.new("RGB", (640, 480), "grey").save(photos / "nobody.jpg")
    paths = sorted(photos.iterdir()) * 2
    detector, model = load_detector(None, provider="cpu"), AttributeModel.load(None, "cpu")
    expected = []
    for path in paths:
        pixels = decode(path)
        people = left_to_right(detector.detect([pixels])[0])
        rows = model.probabilities([model.cut(pixels, person.box) for person in people])
        expected.append([(person.box, person.score, row.tolist()) for person, row in zip(people, rows, strict=True)])
    overlapping = Tagger(provider="cpu", min_height=0)._pipeline
    assert overlapping._lanes == [2, 2]
    found = [
        [(person.box, person.score, person.probabilities.tolist()) for person in finding.people]
        for _, finding in overlapping.findings(paths)
    ]
    assert found == expected
    assert sum(map(len, expected)) >= 15


def test_as_on_a_gpu_with_io_binding_padding_and_lanes(photos: Path, two_threads: None) -> None:
    """As far as a processor can tell."""
    paths = sorted(photos.iterdir()) * 3
    plain = Tagger(provider="cpu").tag(paths)
    tagger = Tagger(provider="cpu", batch_size=4)
    detector: Any = tagger.detector
    for network in (detector, tagger.model):
        network._pad, network._runner = True, Runner(network._session, "cpu")
    assert tagger._pipeline._lanes == [2, 2]
    assert tagger.tag(paths) == plain
    shapes = {shape[0] for network in (detector, tagger.model) for _, shape, _ in network._runner._places}
    assert shapes <= {1, 2, 4}, "batches of few sizes, so that nothing is planned anew"


def test_people_of_many_photos_fill_a_batch(parts: SimpleNamespace, tmp_path: Path) -> None:
    sizes = []
    recognise = parts.model.probabilities

    def told(crops: Sequence[Any]) -> Any:
        sizes.append(len(crops))
        return recognise(crops)

    parts.model.probabilities = told
    parts.model.batch_size = 5
    paths = written(tmp_path, 11)  # with two people in each
    expected = [[record.probabilities for record in Tagger(parts.model, parts.detector).tag(path)] for path in paths]
    sizes.clear()
    found = [
        [record.probabilities for record in records] for records in Tagger(parts.model, parts.detector).tag_each(paths)
    ]
    assert sizes == [5, 5, 5, 5, 2]
    assert found == expected


def test_where_people_are_rare_results_still_come(parts: SimpleNamespace, tmp_path: Path) -> None:
    [path] = written(tmp_path, 1)
    parts.detector.detect = lambda images: [[] for _ in images]
    asked = 0

    def paths() -> Iterator[Path]:
        nonlocal asked
        for _ in range(400):
            asked += 1
            yield path

    next(Tagger(parts.model, parts.detector).tag_files(paths()))
    assert asked < 300


class InLanes:
    """A detector that computes two batches at the same time, one photo each."""

    name, provider, lanes, batch_size = "lanes", "cpu", 2, 1

    def __init__(self, counted: Any) -> None:
        self._counted = counted

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[list[Detection]]:
        with self._counted:
            return [[Detection((0.0, 0.0, 4.0, 9.0), 0.9)] for _ in images]


def test_batches_are_computed_in_lanes(parts: SimpleNamespace, tmp_path: Path) -> None:
    both = threading.Barrier(2)

    class Meeting:
        def __enter__(self) -> None:
            both.wait(LONG)

        def __exit__(self, *about: object) -> None: ...

    assert len(list(Pipeline(InLanes(Meeting()), parts.model).findings(written(tmp_path, 8)))) == 8


def test_no_more_networks_are_at_work_than_there_are_lanes(parts: SimpleNamespace, tmp_path: Path) -> None:
    class Counted:
        def __init__(self) -> None:
            self.now = self.most = 0
            self.lock = threading.Lock()

        def __enter__(self) -> None:
            with self.lock:
                self.now += 1
                self.most = max(self.most, self.now)
            time.sleep(0.003)

        def __exit__(self, *about: object) -> None:
            with self.lock:
                self.now -= 1

    counted = Counted()
    recognise = parts.model.probabilities

    def told(crops: Sequence[Any]) -> Any:
        with counted:
            return recognise(crops)

    parts.model.probabilities, parts.model.lanes, parts.model.batch_size = told, 2, 1
    assert len(list(Pipeline(InLanes(counted), parts.model).findings(written(tmp_path, 40)))) == 40
    assert counted.most == 2


def test_few_photos_are_in_memory_however_many_there_are(
    parts: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, now, most = threading.Lock(), 0, 0
    decoded = source.decode_guarded

    def gone() -> None:
        nonlocal now
        with lock:
            now -= 1

    def counted(*arguments: Any, **more: Any) -> Any:
        nonlocal now, most
        pixels, note = decoded(*arguments, **more)
        pixels = pixels.copy()
        weakref.finalize(pixels, gone)
        with lock:
            now += 1
            most = max(most, now)
        return pixels, note

    class Slow:
        def __enter__(self) -> None:
            time.sleep(0.005)

        def __exit__(self, *about: object) -> None: ...

    monkeypatch.setattr(source, "decode_guarded", counted)
    monkeypatch.setattr(pipeline, "_PHOTO_BUDGET", 100 * 100 * 3)  # one photo for each of two threads
    parts.model.cut = lambda rgb, box: rgb[:8, :4].copy()  # a copy, as the real one makes
    paths = written(tmp_path, 40, (100, 100))
    assert len(list(Pipeline(InLanes(Slow()), parts.model, workers=2).findings(paths))) == 40
    assert 2 <= most <= 2 + 2 + 1, "two wait or are being decoded, one is looked at in each lane, one changes hands"
    assert now == 0


def test_what_waits_for_a_lane_does_not_begin_when_the_run_is_stopped(parts: SimpleNamespace, tmp_path: Path) -> None:
    begun, over, calls = threading.Event(), threading.Event(), []
    recognise = parts.model.probabilities

    def slow(crops: Sequence[Any]) -> Any:
        calls.append(len(crops))
        if len(calls) == 2:
            begun.set()
            over.wait(LONG)
        return recognise(crops)

    parts.model.probabilities = slow  # one lane, which it holds; detection waits for it
    photos = Pipeline(parts.detector, parts.model).findings(written(tmp_path, 40))
    next(photos)
    assert begun.wait(LONG)
    looked_at = parts.detector.photos
    threading.Timer(0.2, over.set).start()
    photos.close()  # type: ignore[attr-defined]
    assert (len(calls), parts.detector.photos) == (2, looked_at)


def test_a_run_that_is_left_early_leaves_no_thread_behind(parts: SimpleNamespace, tmp_path: Path) -> None:
    before = threading.active_count()
    photos = Tagger(parts.model, parts.detector).tag_files(written(tmp_path, 40))
    next(photos)
    assert threading.active_count() > before
    photos.close()  # type: ignore[attr-defined]
    end = time.monotonic() + LONG
    while threading.active_count() > before and time.monotonic() < end:  # decoders are not waited for
        time.sleep(0.01)
    assert threading.active_count() <= before  # one of an earlier test may have ended since


@pytest.mark.parametrize("run", ["new", "known", "twins"])
def test_a_photo_that_is_decoded_again_for_crops_keeps_its_memory(
    tmp_path: Path, parts: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, run: str
) -> None:
    """There is room for two photos at a time: no more are held, and nobody waits for ever."""
    paths = written(tmp_path, 12)
    if run == "twins":
        for path in paths[1:]:
            path.write_bytes(paths[0].read_bytes())
    cost = check_header(paths[0], Limits())
    memories: list[Memory] = []

    class Watched(Memory):
        def __init__(self, limit: int) -> None:
            super().__init__(limit)
            memories.append(self)

    monkeypatch.setattr(reader, "Memory", Watched)
    limit = int(cost * 2.5)
    settings = Settings.of(parts.model, parts.detector)
    for _ in range(2 if run == "known" else 1):
        memories.clear()
        with Store(tmp_path / "store.db", settings) as store:
            pipeline = Pipeline(parts.detector, parts.model, store=store, again=True, max_memory=limit / 1e9)
            given = 0
            for _, finding in pipeline.findings(paths):
                assert len(finding.people) == 2
                assert memories[0]._free <= limit - cost, "what decoding takes is kept for the crops"
                given += 1
        assert given == 12
        assert memories[0]._free == limit
