"""What the stages of tagging never do: hold many photos, wait for ever, work when a run is over, leave threads."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harcli.photos.guarded import check_header
from harcli.photos.limits import Limits
from harcli.photos.memory import Memory
from harcli.tagging import pipeline, reader, source
from harcli.tagging.pipeline import Pipeline
from harcli.tagging.settings import Settings
from harcli.tagging.store import Store
from harcli.tagging.tagger import Tagger
from tests.tagging.conftest import LONG, InLanes, written


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
