"""JPEGs whose last bytes are missing."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.photos.decode import decode, decode_noted
from harcli.photos.errors import PhotoError

KINDS = {
    "baseline": {},
    "restart": {"restart_marker_rows": 4},
    "progressive": {"progressive": True},
    "grey": {"grey": True},
    "turned": {"turned": True},
}


def jpeg(kind: str, size: tuple[int, int] = (400, 800)) -> bytes:
    """A picture with detail everywhere."""
    options = dict(KINDS[kind])
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(0, 255, (size[1] // 10, size[0] // 10, 3), np.uint8))
    image = coarse.resize(size, Image.Resampling.BICUBIC)
    if options.pop("grey", False):
        image = image.convert("L")
    if options.pop("turned", False):
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = 6
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lost", [1, 2])
def test_without_its_end_mark_a_jpeg_is_whole(tmp_path: Path, kind: str, lost: int) -> None:
    whole, cut = tmp_path / "whole.jpg", tmp_path / "cut.jpg"
    whole.write_bytes(jpeg(kind))
    cut.write_bytes(jpeg(kind)[:-lost])
    assert decode_noted(whole)[1] == ""
    pixels, note = decode_noted(cut)
    assert note == "cut off at its end"
    assert np.array_equal(pixels, decode(whole))


@pytest.mark.parametrize("kind", ["baseline", "restart", "grey"])
def test_nearly_all_rows_are_enough(tmp_path: Path, kind: str) -> None:
    (tmp_path / "whole.jpg").write_bytes(jpeg(kind))
    (tmp_path / "cut.jpg").write_bytes(jpeg(kind)[: int(len(jpeg(kind)) * 0.97)])
    pixels, note = decode_noted(tmp_path / "cut.jpg")
    assert note.startswith("cut off: the last ")
    missing = int(note.split()[4])
    assert 0 < missing <= 40
    there = slice(0, 800 - missing - 1)  # colours are blended over one row
    assert np.array_equal(pixels[there], decode(tmp_path / "whole.jpg")[there])


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        *((kind, share) for kind in ("baseline", "restart", "grey", "turned") for share in (0.5, 0.92)),
        ("progressive", 0.5),
    ],
)
def test_fewer_are_not(tmp_path: Path, kind: str, share: float) -> None:
    (tmp_path / "cut.jpg").write_bytes(jpeg(kind)[: int(len(jpeg(kind)) * share)])
    with pytest.raises(PhotoError, match="truncated"):
        decode(tmp_path / "cut.jpg")


def test_a_flat_picture_counts_its_rows_too(tmp_path: Path) -> None:
    """What is missing looks like what is there: only the data can tell."""
    stream = io.BytesIO()
    Image.new("RGB", (640, 640), (128, 128, 128)).save(stream, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(stream.getvalue()[: len(stream.getvalue()) * 9 // 10])
    with pytest.raises(PhotoError, match="truncated"):
        decode(tmp_path / "cut.jpg")


def test_a_progressive_jpeg_without_its_last_bytes(tmp_path: Path) -> None:
    """Its last scan refines what all can see already."""
    (tmp_path / "whole.jpg").write_bytes(jpeg("progressive"))
    for lost in (3, 10, 100, 1000):
        (tmp_path / "cut.jpg").write_bytes(jpeg("progressive")[:-lost])
        pixels, note = decode_noted(tmp_path / "cut.jpg")
        assert note == "cut off at its end"
        assert np.abs(pixels.astype(int) - decode(tmp_path / "whole.jpg")).mean() < 1


def test_at_any_byte_it_is_read_or_refused(tmp_path: Path) -> None:
    data = jpeg("progressive", (80, 80))
    for length in range(0, len(data), 7):
        (tmp_path / "cut.jpg").write_bytes(data[:length])
        with contextlib.suppress(PhotoError):
            assert decode(tmp_path / "cut.jpg").shape == (80, 80, 3)


def test_a_smaller_copy_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(jpeg("baseline")[:-2])
    assert decode(tmp_path / "cut.jpg", shrink=4).shape in ((200, 100, 3), (800, 400, 3))
