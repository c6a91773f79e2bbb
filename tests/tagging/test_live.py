"""Photos that come one at a time get the records of `tag`, whatever the others are and whenever they come."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harcli.errors import HarcliError
from harcli.results import Record
from harcli.tagging import reader
from harcli.tagging.tagger import Tagger

LONG = 20.0  # seconds


def written(folder: Path, count: int) -> list[Path]:
    rng = np.random.default_rng(3)
    paths = [folder / f"{i}.png" for i in range(count)]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (10, 12, 3), dtype=np.uint8)).save(path)
    return paths


def named(records: list[Record], name: str) -> list[Record]:
    return [replace(record, path=name) for record in records]


def test_the_records_are_those_of_tag(parts: SimpleNamespace, tmp_path: Path) -> None:
    paths = written(tmp_path, 9)
    (tmp_path / "no.jpg").write_text("no photo")
    paths += [tmp_path / "no.jpg", tmp_path / "gone.png"]
    expected = {path: Tagger(parts.model, parts.detector).tag_files([path]) for path in paths}
    with Tagger(parts.model, parts.detector).live() as live:
        answers = [(path, live.tag(path, path.name)) for path in paths]
        for path, answer in answers:
            assert answer.result(LONG) == named(next(expected[path]), path.name)


def test_one_photo_does_not_wait_for_others(parts: SimpleNamespace, tmp_path: Path) -> None:
    parts.model.batch_size = 64
    [path] = written(tmp_path, 1)
    with Tagger(parts.model, parts.detector).live() as live:
        for _ in range(3):
            assert len(live.tag(path).result(LONG)) == 2


def test_photos_of_the_moment_are_one_batch(parts: SimpleNamespace, tmp_path: Path) -> None:
    paths = written(tmp_path, 9)
    go, sizes, detect = threading.Event(), [], parts.detector.detect

    def held(images: Any) -> Any:
        sizes.append(len(images))
        assert go.wait(LONG)
        return detect(images)

    parts.detector.detect, parts.detector.batch_size = held, 4
    with Tagger(parts.model, parts.detector).live() as live:
        answers = [live.tag(path) for path in paths]
        until(lambda: live._pool._work.empty() and not live._reading and sizes)
        go.set()
        wait(answers, LONG)
        assert all(len(answer.result(0)) == 2 for answer in answers)
    assert max(sizes) > 1


def test_a_photo_that_takes_long_to_decode_holds_nobody_up(
    parts: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, *paths = written(tmp_path, 4)
    never, pipeline_read = threading.Event(), Tagger(parts.model, parts.detector)._pipeline._source.read
    tagger = Tagger(parts.model, parts.detector, workers=2, photo_timeout=0.2)

    def read(photo: Any) -> None:
        if photo.path == slow:
            photo.share.begin()
            never.wait(LONG)
            return
        pipeline_read(photo)

    monkeypatch.setattr(tagger._pipeline._source, "read", read)
    monkeypatch.setattr(reader, "GRACE", 0.2)
    with tagger.live() as live:
        late = live.tag(slow)
        answers = [live.tag(path) for path in paths]
        assert all(len(answer.result(LONG)) == 2 for answer in answers)
        [record] = late.result(LONG)
        assert "takes longer than 0.2 s" in record.error
        assert not never.is_set()
        never.set()


def test_the_error_of_a_batch_is_that_of_the_photo_alone(parts: SimpleNamespace, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    Image.new("RGB", (30, 30)).save(bad)
    paths, detect = written(tmp_path, 6), parts.detector.detect

    def fails(images: Any) -> Any:
        if any(image.shape[0] == 30 for image in images):
            raise HarcliError("no memory for it")
        return detect(images)

    parts.detector.detect, parts.detector.batch_size = fails, 8
    with Tagger(parts.model, parts.detector).live() as live:
        for _ in range(2):  # it goes on afterwards
            answers = [live.tag(path) for path in [*paths[:3], bad, *paths[3:]]]
            for path, answer in zip([*paths[:3], bad, *paths[3:]], answers, strict=True):
                if path is bad:
                    with pytest.raises(HarcliError, match="no memory for it"):
                        answer.result(LONG)
                else:
                    assert len(answer.result(LONG)) == 2


def test_what_is_cancelled_is_not_looked_at(parts: SimpleNamespace, tmp_path: Path) -> None:
    paths = written(tmp_path, 12)
    go, detect = threading.Event(), parts.detector.detect

    def held(images: Any) -> Any:
        assert go.wait(LONG)
        return detect(images)

    parts.detector.detect, parts.detector.batch_size = held, 1
    with Tagger(parts.model, parts.detector).live() as live:
        answers: list[Future[list[Record]]] = [live.tag(path) for path in paths]
        until(lambda: live._pool._work.empty() and not live._reading and live._looked_at)
        assert answers[-1].cancel()
        go.set()
        assert all(len(answer.result(LONG)) == 2 for answer in answers[:-1])
        assert len(live.tag(paths[0]).result(LONG)) == 2  # so that the cancelled one's turn is over
    assert parts.detector.photos == len(paths)


def test_the_end_cancels_what_waits(parts: SimpleNamespace, tmp_path: Path) -> None:
    paths = written(tmp_path, 8)
    go, detect = threading.Event(), parts.detector.detect

    def held(images: Any) -> Any:
        go.wait(1)
        return detect(images)

    parts.detector.detect, parts.detector.batch_size = held, 1
    live = Tagger(parts.model, parts.detector).live()
    answers = [live.tag(path) for path in paths]
    live.close()
    done, rest = wait(answers, LONG)
    assert not rest
    assert any(answer.cancelled() for answer in done)
    assert live.tag(paths[0]).cancelled()


def until(true: Any) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come")
