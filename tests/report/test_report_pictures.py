"""Thumbnails show the right part of the photo, the right way up, from the photo that was tagged."""

from __future__ import annotations

import io
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harcli.photos.guarded import decode_guarded
from harcli.report import pictures
from harcli.report.content import Person, Photo
from harcli.report.pictures import PERSON_SIZE, PHOTO_SIDE, draw, draw_all, region
from harcli.results import Box

RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (30, 160, 30)


def photo(file: Path, size: tuple[int, int], *boxes: Box) -> Photo:
    return Photo(file.name, file, size, [Person(i + 1, box, 9000, array("H"), b"") for i, box in enumerate(boxes)])


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture))


def colour(image: Image.Image, x: float, y: float) -> str:
    """The name of the colour at a place given in parts of width and height."""
    pixel = np.array(image.getpixel((int(x * image.width), int(y * image.height))), float)
    names = {"red": RED, "blue": BLUE, "green": GREEN}
    return min(names, key=lambda name: float(np.abs(pixel - names[name]).sum()))


def upright(size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    """Green; the upper half of the box red, the lower blue."""
    image = Image.new("RGB", size, GREEN)
    x1, y1, x2, y2 = box
    image.paste(RED, (x1, y1, x2, (y1 + y2) // 2))
    image.paste(BLUE, (x1, (y1 + y2) // 2, x2, y2))
    return image


@pytest.mark.parametrize("scale", [1, 8])  # the larger one is decoded at a fraction of its size
@pytest.mark.parametrize("orientation", range(1, 9))
def test_thumbnails_are_upright_by_exif(tmp_path: Path, orientation: int, scale: int) -> None:
    size, box = (300 * scale, 200 * scale), (200 * scale, 20 * scale, 280 * scale, 180 * scale)
    stored = upright(size, box)
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transposition that the orientation undoes
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(inverse[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    drawn = draw(photo(tmp_path / "a.jpg", size, tuple(map(float, box))))
    assert drawn.problem == ""
    whole, person = opened(drawn.photo), opened(drawn.people[0])
    assert whole.size == ((300, 200) if scale == 1 else (PHOTO_SIDE, 533))
    assert [colour(whole, 0.8, y) for y in (0.3, 0.7)] == ["red", "blue"]
    assert colour(whole, 0.3, 0.5) == "green"
    assert [colour(person, 0.5, y) for y in (0.3, 0.7)] == ["red", "blue"]
    assert colour(person, 0.06, 0.5) == "green"


def test_a_large_jpeg_is_decoded_smaller_and_its_size_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = []

    def told(*arguments: Any) -> Any:
        pixels, note = decode_guarded(*arguments)
        shapes.append(pixels.shape[:2])
        return pixels, note

    monkeypatch.setattr(pictures, "decode_guarded", told)
    Image.new("RGB", (4001, 3001)).save(tmp_path / "a.jpg")
    near, far = (100.0, 100.0, 1300.0, 2900.0), (2000.0, 100.0, 2100.0, 400.0)
    assert opened(draw(photo(tmp_path / "a.jpg", (4001, 3001), near)).people[0]).size == PERSON_SIZE
    assert opened(draw(photo(tmp_path / "a.jpg", (4001, 3001), near, far)).people[1]).size == PERSON_SIZE
    assert shapes == [(751, 1001), (3001, 4001)]


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ((100.0, 50.0, 200.0, 350.0), (640, 480)),
        ((0.0, 0.0, 640.0, 480.0), (640, 480)),
        ((5.5, 100.2, 635.5, 180.9), (640, 480)),  # broad
        ((630.0, 470.0, 639.0, 479.0), (640, 480)),  # far away, in a corner
        ((0.0, 0.0, 30.0, 90.0), (30, 90)),  # a crop of a person
        ((0.0, 0.0, 1.0, 1.0), (1, 1)),
    ],
)
def test_a_region_holds_the_box_and_lies_in_the_photo(box: Box, size: tuple[int, int]) -> None:
    x1, y1, x2, y2 = region(box, size)
    assert 0 <= x1 <= box[0] < box[2] <= x2 <= size[0]
    assert 0 <= y1 <= box[1] < box[3] <= y2 <= size[1]
    if x2 - x1 < size[0] and y2 - y1 < size[1]:
        assert (x2 - x1) / (y2 - y1) == pytest.approx(PERSON_SIZE[0] / PERSON_SIZE[1], rel=0.02)


def test_small_ones_are_not_made_larger(tmp_path: Path) -> None:
    upright((60, 80), (20, 10, 40, 70)).save(tmp_path / "a.png")
    drawn = draw(photo(tmp_path / "a.png", (60, 80), (20.0, 10.0, 40.0, 70.0)))
    assert opened(drawn.photo).size == opened(drawn.people[0]).size == (60, 80)


def test_a_photo_that_is_another_one_is_not_shown(tmp_path: Path) -> None:
    Image.new("RGB", (640, 480)).save(tmp_path / "a.jpg")
    box = (10.0, 10.0, 90.0, 90.0)
    for size in ((480, 640), (641, 480), (1280, 480)):
        assert "changed" in draw(photo(tmp_path / "a.jpg", size, box)).problem
    assert draw(photo(tmp_path / "gone.jpg", (640, 480), box)).problem == "no such file"


def test_each_photo_is_decoded_once_and_all_come_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def told(path: Path, *more: Any) -> Any:
        asked.append(path.name)
        return decode_guarded(path, *more)

    monkeypatch.setattr(pictures, "decode_guarded", told)
    photos = []
    for i in range(40):
        Image.new("RGB", (100 + i, 100)).save(tmp_path / f"{i}.jpg")
        photos.append(photo(tmp_path / f"{i}.jpg", (100 + i, 100), *[(10.0, 10.0, 50.0, 90.0)] * 3))
    drawn = list(draw_all(photos))
    assert [opened(pictures.photo).width for pictures in drawn] == [100 + i for i in range(40)]
    assert sorted(asked) == sorted(f"{i}.jpg" for i in range(40))
