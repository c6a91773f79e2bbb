"""The embedded detector on real photos, against Ultralytics' own predictions and what the eye sees."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harcli.people import Detection, PersonDetector, WholeImage, load_detector
from harcli.people.nms import iou, nms
from harcli.people.onnx_detector import OnnxDetector
from harcli.runtime import Runner
from tests.people.conftest import BUS, ZIDANE, Watched, boxes_of, same


@pytest.fixture(scope="module")
def embedded() -> PersonDetector:
    return load_detector(None, provider="cpu")


def test_embedded_finds_everyone_and_nobody_else(embedded: PersonDetector, bus: np.ndarray, zidane: np.ndarray) -> None:
    for found, people in zip(embedded.detect([bus, zidane]), (BUS, ZIDANE), strict=True):
        assert len(found) == len(people)
        overlaps = iou(np.array(people, dtype=float), boxes_of(found))
        assert sorted(overlaps.argmax(axis=1)) == list(range(len(people)))
        assert overlaps.max(axis=1).min() > 0.8
        assert [detection.score for detection in found] == sorted((d.score for d in found), reverse=True)


def test_a_batch_gives_what_each_photo_gives(embedded: PersonDetector, bus: np.ndarray, zidane: np.ndarray) -> None:
    together = embedded.detect([bus, zidane, bus[:, 400:]])
    for photo, found in zip((bus, zidane, bus[:, 400:]), together, strict=True):
        same(found, embedded.detect([photo])[0])
    assert embedded.detect([]) == []


def test_boxes_lie_inside_the_photo(embedded: PersonDetector, bus: np.ndarray) -> None:
    height, width = bus.shape[:2]
    for detection in embedded.detect([bus])[0]:
        x1, y1, x2, y2 = detection.box
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height


def test_a_photo_without_people_has_none(embedded: PersonDetector) -> None:
    assert embedded.detect([np.full((300, 400, 3), 90, dtype=np.uint8)]) == [[]]


def test_embedded_agrees_with_ultralytics_running_the_same_file(
    float32: PersonDetector, bus: np.ndarray, zidane: np.ndarray
) -> None:
    from harcli.models_dir import models_dir
    from harcli.people.ultralytics_guard import import_ultralytics

    model = import_ultralytics().YOLO(str(models_dir() / "person-detector" / "model.onnx"), task="detect")
    for photo in (bus, zidane):
        boxes = model.predict(photo[:, :, ::-1], conf=0.2, imgsz=640, device="cpu", verbose=False)[0].boxes
        rows = zip(boxes.xyxy.tolist(), boxes.conf.tolist(), strict=True)
        reference = [Detection((x1, y1, x2, y2), score) for (x1, y1, x2, y2), score in rows]
        same(float32.detect([photo])[0], reference)


def test_a_photo_costs_no_more_than_its_own_rectangle(bus: np.ndarray, zidane: np.ndarray) -> None:
    """Small photos at 640 too, each with others of its shape; and each gets its own people."""
    detector: Any = load_detector(None, provider="cpu")
    watched = Watched(detector._runner)
    detector._runner = watched
    small = np.asarray(Image.fromarray(zidane).resize((640, 360)))
    found = detector.detect([bus, small, zidane, bus])
    assert watched.shapes == [(2, 3, 640, 480), (2, 3, 384, 640)]
    assert [len(people) for people in found] == [4, 2, 2, 4]
    overlaps = iou(boxes_of(found[1]), np.array(ZIDANE) / 2)
    assert overlaps.max(axis=1).min() > 0.8


def test_on_a_gpu_batches_have_few_shapes_and_go_by_io_binding(bus: np.ndarray, embedded: PersonDetector) -> None:
    detector = load_detector(None, provider="cpu")
    assert isinstance(detector, OnnxDetector)
    detector._pad, detector._runner = True, Runner(detector._session, "cpu")  # as far as a processor can tell
    photos = [bus[:, : 810 - i] for i in range(5)]  # all in one rectangle
    assert detector.detect(photos) == [found for photo in photos for found in embedded.detect([photo])]
    assert detector.detect(photos[:3]) == embedded.detect(photos[:3])
    assert [shape[0] for _, shape, _ in detector._runner._places] == [8, 4]


def test_people_room_imports_neither_torch_nor_ultralytics() -> None:
    code = (
        "import sys, harcli.people\n"
        "found = {'torch', 'ultralytics', 'onnxruntime', 'numpy'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_whole_image_is_one_person(bus: np.ndarray) -> None:
    assert WholeImage().detect([bus]) == [[Detection((0.0, 0.0, 810.0, 1080.0), 1.0)]]


def test_nms_keeps_the_best_of_each_cluster() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10], [0, 0, 10, 5]], dtype=float)
    assert nms(boxes, np.array([0.5, 0.9, 0.3, 0.2]), 0.7) == [1, 2, 3]
