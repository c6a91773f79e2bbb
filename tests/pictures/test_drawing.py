"""Boxes and labels on photos, without looking at people."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageColor

from harcli.pictures import drawing
from harcli.pictures.drawing import colour, draw
from harcli.pictures.labels import Label, Lettering, overlap, place_labels, wrap
from harcli.results import Box, Record

TAGS = ("male", "long-hair", "sunglasses", "outerwear", "long-sleeves", "solid", "long-pants", "jeans")
LETTERING = Lettering(10, lambda text: 6.0 * len(text))


@pytest.fixture(autouse=True)
def usual_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's limit holds for text too, and other tests have lowered it."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200_000_000)


def grey(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def person(number: int, box: Box, tags: tuple[str, ...] = TAGS) -> Record:
    return Record("p.jpg", 1, 1, number, box, 0.9, tags, dict.fromkeys(tags, 0.9))


def placed(boxes: list[Box], size: tuple[int, int] = (1000, 800), tags: tuple[str, ...] = TAGS) -> dict[int, Label]:
    labels = place_labels([(i, box, tags) for i, box in enumerate(boxes, start=1)], size, LETTERING)
    return {label.person: label for label in labels}


def test_a_copy_is_drawn_on() -> None:
    photo = grey(1200, 900)
    photo.flags.writeable = False
    picture = draw(photo, [person(1, (300.0, 200.0, 500.0, 800.0))])
    assert photo.min() == photo.max() == 128
    assert picture.size == (1200, 900)
    changed = np.argwhere((np.asarray(picture) != 128).any(axis=2))
    assert len(changed) > 1000
    fill = np.array(ImageColor.getrgb(colour(1)))
    drawn = np.asarray(picture).astype(int)
    for y, x in ((500, 300), (500, 500), (800, 400)):
        assert np.abs(drawn[y - 3 : y + 4, x - 3 : x + 4] - fill).sum(axis=2).min() == 0, f"no line at {x}, {y}"
    assert (drawn[500, 400] == 128).all(), "the person's middle stays as it is"


def test_nobody_leaves_the_photo_as_it_is() -> None:
    assert np.array_equal(np.asarray(draw(grey(1200, 900), [Record("p.jpg", 1200, 900)])), grey(1200, 900))


@pytest.mark.parametrize(
    ("size", "within", "expected"),
    [
        ((60, 150), None, (480, 1200)),
        ((700, 600), None, (700, 600)),
        ((4000, 3000), None, (4000, 3000)),
        ((4000, 3000), (100, 100), (100, 75)),
        ((4000, 3000), (200, 60), (80, 60)),
        ((60, 150), (100, 90), (36, 90)),
        ((1, 1), None, (720, 720)),
        ((6000, 2), None, (6000, 2)),
        ((300, 2), None, (2700, 18)),
    ],
)
def test_small_photos_are_enlarged_for_the_labels(
    size: tuple[int, int], within: tuple[int, int] | None, expected: tuple[int, int]
) -> None:
    width, height = size
    records = [person(1, (0.0, 0.0, float(width), float(height))), person(9, (width - 0.5, 0.0, width, 0.5), ("hat",))]
    assert draw(grey(width, height), records, within).size == expected


def test_colours_repeat_only_after_seven_people() -> None:
    assert len({colour(number) for number in range(1, 8)}) == 7
    assert colour(8) == colour(1)


def test_labels_of_a_few_people_have_all_tags_and_hide_nobody() -> None:
    boxes = [(100.0, 200.0, 250.0, 700.0), (400.0, 150.0, 560.0, 720.0), (700.0, 250.0, 900.0, 790.0)]
    for number, label in placed(boxes).items():
        assert " ".join(label.lines) == ", ".join(TAGS)
        assert sum(overlap(label.box, box) for box in boxes) == 0
        x1, y1, x2, y2 = boxes[number - 1]
        assert overlap(label.box, (x1 - 1, y1 - 1, x2 + 1, y2 + 1)) > 0, "it touches its box"


def test_labels_lie_inside_and_apart() -> None:
    rng = np.random.default_rng(3)
    for count in (1, 5, 12):
        corners, sizes = rng.uniform(-20, 800, (count, 2)), rng.uniform(20, 400, (count, 2))
        boxes = [(x, y, x + width, y + height) for (x, y), (width, height) in zip(corners, sizes, strict=True)]
        labels = placed(boxes)
        assert sorted(labels) == list(range(1, count + 1))
        for label in labels.values():
            x1, y1, x2, y2 = label.box
            assert 0 <= x1 < x2 <= 1000
            assert 0 <= y1 < y2 <= 800
        with_tags = [label for label in labels.values() if label.lines]
        assert len(with_tags) >= min(count, 4)
        assert all(overlap(a.box, b.box) == 0 for a in with_tags for b in with_tags if a is not b)


def test_in_a_crowd_numbers_must_do() -> None:
    boxes = [(40.0 * i, 90.0 * j, 40.0 * i + 38, 90.0 * j + 88) for i in range(24) for j in range(8)]
    labels = placed(boxes)
    assert len(labels) == len(boxes)
    assert sum(not label.lines for label in labels.values()) > 150
    for number, label in labels.items():
        hidden = [overlap(label.box, box) / (38 * 88) for i, box in enumerate(boxes, start=1) if i != number]
        assert max(hidden) <= 0.25


def test_one_large_person_keeps_the_face() -> None:
    label = placed([(10.0, 10.0, 310.0, 790.0)], size=(320, 800))[1]
    assert label.lines
    assert label.box[1] > 10 + 780 / 4


def test_tags_are_wrapped_between_tags() -> None:
    assert wrap(("hat", "long-hair", "dress"), 6.0 * 15, LETTERING) == ("hat, long-hair,", "dress")
    assert wrap(("hat", "long-hair", "dress"), 1.0, LETTERING) == ("hat,", "long-hair,", "dress")
    assert wrap((), 50.0, LETTERING) == ()


def test_commonplace_tags_come_last(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(drawing, "place_labels", lambda people, *_: given.extend(people) or [])
    draw(grey(900, 900), [person(1, (300.0, 300.0, 500.0, 800.0), ("male", "solid", "hat", "jeans"))])
    assert [tags for _, _, tags in given] == [["male", "hat", "jeans", "solid"]]


def test_odd_tags() -> None:
    picture = draw(grey(900, 900), [person(1, (300.0, 300.0, 500.0, 800.0), ("two\nlines", "漢字", "x" * 300))])
    assert picture.size == (900, 900)
