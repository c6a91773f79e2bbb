"""The stages of tagging: what they compute is what one step after the other computes, and they overlap."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from harcli.people import load_detector
from harcli.people.detection import left_to_right
from harcli.photos.decode import decode
from harcli.recognition.model import AttributeModel
from harcli.runtime import Runner, limit_threads
from harcli.tagging.pipeline import Pipeline
from harcli.tagging.tagger import Tagger
from tests.tagging.conftest import LONG, InLanes, written


@pytest.fixture
def two_threads() -> Iterator[None]:
    limit_threads(2)
    yield
    limit_threads(None)


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
