"""COCO files are what the tools that load them expect."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harcli.outputs import OutputOptions, open_output
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo

NAMES = ("hat", "long-hair", "score", "label", "label_2")
INFO = RunInfo(tuple(AttributeSpec(name, "own", 0.5) for name in NAMES), "/photos", "1.0")
VALUES = dict(zip(NAMES, (0.9, 0.1, 0.8, 0.7, 0.2), strict=True))
ODD = 'é "x"\n.jpg'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    target = tmp_path / "people.coco.json"
    with open_output(target, INFO, OutputOptions()) as sink:
        for record in (
            Record("a.jpg", 640, 480, 1, (10.04, 20.0, 100.0, 300.0), 0.91, ("hat", "score"), VALUES),
            Record("a.jpg", 640, 480, 3, (0.0, 0.0, 640.0, 480.0), 0.5, (), VALUES),
            Record("bad.jpg", error="the file is empty"),
            Record("nobody.jpg", 10, 20),
            Record(ODD, 640, 480, 2, (1.0, 2.0, 3.0, 4.0), 0.5, ("label",), VALUES),
            Record(os.fsdecode(b"\xff.jpg"), 640, 480, 1, (1.0, 2.0, 3.0, 4.0), 0.5, (), VALUES),
            Record(os.fsdecode(b"\xff.jpg"), 640, 480, 1, (1.0, 2.0, 3.0, 4.0), 0.5, (), VALUES),
        ):
            sink.write(record)
    return target


def test_pycocotools_loads_it(file: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco", reason="needs pip install '.[dev]', for pycocotools").COCO(str(file))
    assert coco.loadCats(coco.getCatIds()) == [{"id": 1, "name": "person", "supercategory": "person"}]
    images = {image["file_name"]: image for image in coco.loadImgs(coco.getImgIds())}
    assert list(images) == ["a.jpg", "nobody.jpg", ODD, "\udcff.jpg"]
    assert images["nobody.jpg"] == {"id": 2, "file_name": "nobody.jpg", "width": 10, "height": 20}
    assert coco.getAnnIds(imgIds=[2]) == []
    first, second = coco.loadAnns(coco.getAnnIds(imgIds=[images["a.jpg"]["id"]], catIds=coco.getCatIds(["person"])))
    assert (first["bbox"], first["area"], first["score"], first["person"]) == (
        [10.0, 20.0, 90.0, 280.0],
        25200.0,
        0.91,
        1,
    )
    assert first["attributes"]["hat"] is True
    assert first["probabilities"] == VALUES
    assert (second["person"], set(second["attributes"].values())) == (3, {False})
    assert coco.getAnnIds(areaRng=[0, 5]) == [3, 4, 5], "the photo that was named twice is there twice"
    results = coco.loadRes([{key: first[key] for key in ("image_id", "category_id", "bbox", "score")}])
    assert len(results.getAnnIds()) == 1


def test_annotations_have_the_keys_that_cvats_reader_wants(file: Path) -> None:
    """Datumaro, which reads for CVAT, refuses an annotation without one of these."""
    for annotation in json.loads(file.read_text())["annotations"]:
        types = {"id": int, "image_id": int, "category_id": int, "iscrowd": int, "bbox": list, "segmentation": list}
        assert {key: type(annotation[key]) for key in types} == types
        assert {type(value) for value in annotation["attributes"].values()} == {bool}


def test_attributes_can_stand_beside_an_annotations_own_keys(file: Path) -> None:
    """FiftyOne puts them there, and makes the whole an object that has a `label`."""
    annotation: dict[str, Any] = json.loads(file.read_text())["annotations"][0]
    names = [*annotation["attributes"]]
    assert names == ["hat", "long-hair", "score_2", "label_2", "label_2_2"]
    assert not {*annotation, "label", "bounding_box", "confidence"} & {*names}


def test_what_could_not_be_read_is_listed(file: Path) -> None:
    content = json.loads(file.read_text())
    assert content["unreadable"] == [{"file_name": "bad.jpg", "error": "the file is empty"}]
    assert content["info"]["harcli"] == INFO.as_json()
    assert content["licenses"] == []


def test_nothing_at_all(tmp_path: Path) -> None:
    with open_output(tmp_path / "x.coco.json", INFO, OutputOptions()):
        pass
    content = json.loads((tmp_path / "x.coco.json").read_text())
    assert (content["images"], content["annotations"], content["unreadable"]) == ([], [], [])
