"""Crops of people: what is in them, and where they may and may not be written."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.errors import HarcliError
from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits
from harcli.pictures.crops import CropWriter
from harcli.results import Record

PIXELS = np.full((8, 4, 3), (200, 30, 30), np.uint8)


def person(path: str, number: int = 1) -> Record:
    return Record(path, 100, 80, number, (10.0, 20.0, 30.0, 60.0), 0.9, (), {})


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_the_folders_of_the_photos_are_mirrored(tmp_path: Path) -> None:
    writer = CropWriter(tmp_path / "new" / "crops", 0.05)
    names = ["holiday/img1.jpg", "wedding/img1.jpg", "img1.jpg", "img1.png", "./a/../img2.heic", "../img1.jpg"]
    for name in [
        *names,
        "../../img1.jpg",
        "/photos/img1.jpg",
        "photos/img1.jpg",
        "_up/img1.jpg",
        "_root/photos/img1.jpg",
    ]:
        target = writer.write(person(name, 2), PIXELS)
        assert target == writer.target(person(name, 2))
        with Image.open(target) as image:
            assert (image.format, image.size) == ("JPEG", (4, 8))
            assert np.abs(np.asarray(image).astype(int) - PIXELS).max() < 6
    assert written(tmp_path) == [
        *("new/crops/__root/photos/img1.jpg.person2.jpg", "new/crops/__up/img1.jpg.person2.jpg"),
        *("new/crops/_root/photos/img1.jpg.person2.jpg", "new/crops/_up/_up/img1.jpg.person2.jpg"),
        *("new/crops/_up/img1.jpg.person2.jpg", "new/crops/a/_up/img2.heic.person2.jpg"),
        *("new/crops/holiday/img1.jpg.person2.jpg", "new/crops/img1.jpg.person2.jpg"),
        *("new/crops/img1.png.person2.jpg", "new/crops/photos/img1.jpg.person2.jpg"),
        "new/crops/wedding/img1.jpg.person2.jpg",
    ]


def test_the_same_run_writes_the_same_names(tmp_path: Path) -> None:
    for colour in (0, 255):
        writer = CropWriter(tmp_path / "crops", 0.05)
        writer.write(person("a.jpg"), np.full((8, 4, 3), colour, np.uint8))
    assert written(tmp_path) == ["crops/a.jpg.person1.jpg"]
    assert np.asarray(Image.open(tmp_path / "crops" / "a.jpg.person1.jpg")).min() == 255


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names: run this on Linux or macOS")
def test_odd_names(tmp_path: Path) -> None:
    long = "é" * 125 + "x.jpg"
    names = ["line\nbreak.jpg", "quote\"'.jpg", "<script>.jpg", "-dash.jpg", "漢字.jpg", "back\\slash.jpg"]
    names += [long, long.replace("x", "y"), "漢" * 83 + ".jpg", os.fsdecode(b"\xff\xfe.jpg")]
    writer = CropWriter(tmp_path / "crops", 0.05)
    for name in names:
        photo = tmp_path / name
        try:
            photo.touch()
        except OSError:
            continue  # a file system that wants UTF-8
        writer.write(person(name), PIXELS)
    made = written(tmp_path / "crops")
    assert len(made) == len(os.listdir(tmp_path)) - 1 >= 9
    assert all(name.endswith(".person1.jpg") and len(os.fsencode(name)) <= 255 for name in made)


def test_a_photo_is_never_written_over(tmp_path: Path) -> None:
    """An earlier run wrote its crops beside the photos; now they are photos themselves."""
    for name in ("a.jpg", "a.jpg.person1.jpg"):
        (tmp_path / name).write_text("a photo")
    (tmp_path / "a.jpg.PERSON2.JPG").symlink_to(tmp_path / "a.jpg.person1.jpg")
    writer = CropWriter(
        tmp_path, 0.05, [tmp_path / "a.jpg", tmp_path / "a.jpg.PERSON2.JPG", tmp_path / "gone.person1.jpg"]
    )
    with pytest.raises(HarcliError, match="is one of the photos"):
        writer.write(person("a.jpg"), PIXELS)
    assert (tmp_path / "a.jpg.person1.jpg").read_text() == "a photo"
    writer.write(person("a.jpg", 3), PIXELS)


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "crops").mkdir()
    (tmp_path / "crops" / "holiday").symlink_to(tmp_path / "outside", target_is_directory=True)
    writer = CropWriter(tmp_path / "crops", 0.05)
    (tmp_path / "crops" / "b.jpg.person1.jpg").symlink_to(tmp_path / "outside" / "b.jpg")
    for name in ("holiday/a.jpg", "holiday/sub/a.jpg", "b.jpg"):
        with pytest.raises(HarcliError, match="a link leads out"):
            writer.write(person(name), PIXELS)
    assert os.listdir(tmp_path / "outside") == []


def test_the_folder_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "crops").symlink_to(tmp_path / "real", target_is_directory=True)
    CropWriter(tmp_path / "crops", 0.05).write(person("sub/a.jpg"), PIXELS)
    assert written(tmp_path / "real") == ["sub/a.jpg.person1.jpg"]


def test_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in ("file", "file/sub"):
        with pytest.raises(HarcliError, match="cannot be made a folder"):
            CropWriter(tmp_path / folder, 0.05)
    writer = CropWriter(tmp_path, 0.05)
    with pytest.raises(HarcliError, match="cannot be made a folder"):
        writer.write(person("file/a.jpg"), PIXELS)
    (tmp_path / "a.jpg.person1.jpg").mkdir()
    with pytest.raises(HarcliError, match=r"a\.jpg\.person1\.jpg"):
        writer.write(person("a.jpg"), PIXELS)
    assert written(tmp_path) == ["file"]


def test_all_people_of_a_photo_with_the_models_margin(tmp_path: Path) -> None:
    pixels = np.zeros((80, 100, 3), np.uint8)
    pixels[..., 0], pixels[..., 1] = np.arange(100), np.arange(80)[:, None]
    photo = tmp_path / "p.png"
    Image.fromarray(pixels).save(photo)
    records = [person("p.png"), Record("p.png", 100, 80, 2, (90.0, 0.0, 100.0, 80.0), 0.9, (), {})]
    writer = CropWriter(tmp_path / "crops", 0.1, [photo])
    assert writer.write_crops(photo, records) == 2
    first, second = (np.asarray(Image.open(writer.target(record))).astype(int) for record in records)
    assert (first.shape, second.shape) == ((48, 24, 3), (80, 11, 3))
    assert np.abs(first - pixels[16:64, 8:32]).max() < 6


def test_photos_without_people_are_not_opened(tmp_path: Path) -> None:
    writer = CropWriter(tmp_path / "crops", 0.1)
    assert writer.write_crops(tmp_path / "gone.jpg", [Record("gone.jpg", 10, 20)]) == 0
    assert writer.write_crops(tmp_path / "gone.jpg", [Record("gone.jpg", error="the file is empty")]) == 0


def test_photos_that_have_changed_since(tmp_path: Path) -> None:
    writer = CropWriter(tmp_path / "crops", 0.1)
    photo = tmp_path / "p.png"
    with pytest.raises(PhotoError, match="no such file"):
        writer.write_crops(photo, [person("p.png")])
    Image.new("RGB", (80, 100)).save(photo)
    with pytest.raises(PhotoError, match="another size"):
        writer.write_crops(photo, [person("p.png")])
    with pytest.raises(PhotoError, match="--max-megapixels"):
        writer.write_crops(photo, [person("p.png")], Limits(megapixels=0.001))
    assert written(tmp_path / "crops") == []
