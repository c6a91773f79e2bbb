"""The letterbox against Ultralytics' own, and its way back."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from harcli.people import letterbox as letterboxes
from harcli.people.letterbox import letterbox, rectangle
from harcli.people.ultralytics_guard import import_ultralytics


@pytest.mark.parametrize("crop", [(1080, 810), (700, 333), (97, 601), (40, 30)])
def test_pixels_are_those_of_ultralytics(bus: np.ndarray, crop: tuple[int, int]) -> None:
    import_ultralytics()
    from ultralytics.data import augment

    photo = np.ascontiguousarray(bus[: crop[0], : crop[1]])
    reference = augment.LetterBox((640, 640), auto=False, scaleup=True)(image=photo)
    ours, _ = letterbox(photo, 640, 640)
    difference = np.abs(ours.astype(int) - reference.astype(int))
    assert difference.max() <= 3
    assert difference.mean() < 0.5


@pytest.mark.parametrize("crop", [(1080, 810), (700, 333), (333, 700), (97, 601), (40, 30), (1000, 3)])
def test_rectangles_are_those_of_ultralytics(bus: np.ndarray, crop: tuple[int, int]) -> None:
    import_ultralytics()
    from ultralytics.data import augment

    photo = np.ascontiguousarray(bus[: crop[0], : crop[1]])
    reference = augment.LetterBox((640, 640), auto=True, stride=32)(image=photo)
    size = rectangle(photo.shape[0], photo.shape[1], 640)
    assert size == reference.shape[:2]
    assert np.abs(letterbox(photo, *size)[0].astype(int) - reference.astype(int)).max() <= 3


def test_boxes_return_to_where_they_came_from(bus: np.ndarray) -> None:
    canvas, place = letterbox(bus, 640, 640)
    assert canvas.shape == (640, 640, 3)
    corners = np.array([[place.left, place.top, place.left + place.inner_width, place.top + place.inner_height]])
    assert np.allclose(place.to_photo(corners), [[0, 0, bus.shape[1], bus.shape[0]]], atol=1)
    assert np.array_equal(place.to_photo(np.array([[-50.0, -50.0, 900.0, 900.0]])), [[0, 0, 810, 1080]])


@pytest.mark.parametrize("shape", [(1, 3000), (3000, 1), (1, 1), (5000, 4000)])
def test_any_size_fits(shape: tuple[int, int]) -> None:
    canvas, place = letterbox(np.full((*shape, 3), 200, dtype=np.uint8), 640, 640)
    inner = canvas[place.top : place.top + place.inner_height, place.left : place.left + place.inner_width]
    assert inner.size
    assert (inner == 200).all()


def test_large_photos_are_averaged_not_skipped() -> None:
    """A pattern finer than the reduction becomes grey; two-tap interpolation would leave stripes."""
    stripes = np.zeros((4000, 4000, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    canvas, _ = letterbox(stripes, 640, 640)
    assert canvas.std() < 5


@pytest.mark.parametrize(
    ("shape", "block"), [((301, 403), 2), ((1201, 1699), 6), ((60, 9001), 7), ((9001, 60), 7), ((5, 5), 9)]
)
def test_averaging_in_bands_is_averaging(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], block: int) -> None:
    monkeypatch.setattr(letterboxes, "_BAND", 50_000)
    photo = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    reduced = np.asarray(letterboxes._reduced(photo, block))
    np.testing.assert_array_equal(reduced, np.asarray(Image.fromarray(photo).reduce(block)))


def test_a_photo_that_fits_already_is_not_computed(bus: np.ndarray) -> None:
    """An affine transform that changes nothing gives the same pixels, so they need none."""
    photo = np.ascontiguousarray(bus[:640, :480])
    by_transform = Image.fromarray(photo).transform(
        (480, 640), Image.Transform.AFFINE, (1, 0, 0, 0, 1, 0), Image.Resampling.BILINEAR
    )
    canvas, place = letterbox(photo, 640, 640)
    inner = canvas[:, place.left : place.left + 480]
    assert np.array_equal(inner, photo)
    assert np.array_equal(inner, np.asarray(by_transform))
