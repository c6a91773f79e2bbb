"""Data sets of whole photos: who is cut out of them, and what is said where nobody can be."""

import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from harcli.datasets import boxed, load


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two photos in the layout of Clothing Attributes."""
    folder = tmp_path / "clothing_attributes"
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for number in (1, 2):
        Image.new("RGB", (60, 80)).save(folder / "images" / f"{number:06d}.jpg")
    savemat(folder / "labels" / "gender_GT.mat", {"GT": np.full((2, 1), 1.0)})
    return tmp_path


def test_photos_that_are_taken_whole_are_counted(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    samples = boxed(load(["clothing_attributes"], photos), None)
    assert [s.box for s in samples] == [None, None]
    (told,) = [r for r in caplog.records if "--boxes" in r.getMessage()]
    assert told.levelno == logging.WARNING
    assert told.getMessage().startswith("clothing_attributes: 2 whole photos without a box")


def test_with_boxes_nothing_is_said(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = photos / "boxes.csv"
    lines = [f"clothing_attributes/images/00000{n}.jpg,10,10,30,70" for n in (1, 2)]
    file.write_text("\n".join(["path,x1,y1,x2,y2", *lines]) + "\n")
    samples = boxed(load(["clothing_attributes"], photos), file)
    assert [s.box for s in samples] == [(10, 10, 30, 70)] * 2
    assert not [r for r in caplog.records if "--boxes" in r.getMessage()]


def test_crops_of_people_need_no_boxes(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    Image.new("RGB", (60, 80)).save(photos / "one.jpg")
    (photos / "mine.csv").write_text("path,hat\none.jpg,1\n")
    boxed(load([str(photos / "mine.csv")], photos), None)
    assert not caplog.records
