"""Photos that would take all memory or for ever: they are told by their headers, and decoded where they can be ended."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.photos import limits
from harcli.photos.apart import decode_apart
from harcli.photos.decode import decode, decode_noted, opened
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import check_header, decode_guarded
from harcli.photos.limits import STANDARD, Limits, cost_of


def long_jpeg(path: Path, scans: int = 20_000) -> Path:
    """A JPEG of a megapixel whose last scan comes again and again: each takes a millisecond or two, in 30 bytes."""
    Image.new("L", (1000, 1000), 90).save(path, progressive=True)
    data = path.read_bytes()
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * scans + data[-2:])
    return path


def saved(path: Path, mode: str, **options: object) -> Path:
    Image.new(mode, (1000, 1000)).save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("name", "mode", "options", "megabytes"),
    [
        # What 24 megapixels took, measured, in bytes a pixel.
        ("a.jpg", "RGB", {}, 7),
        ("a.jpg", "RGB", {"progressive": True, "subsampling": 0}, 10),
        ("a.jpg", "CMYK", {"progressive": True}, 12),
        ("a.png", "L", {}, 4),
        ("a.png", "RGBA", {}, 7),
        ("a.webp", "RGB", {}, 16),
        ("a.avif", "RGB", {"speed": 10, "subsampling": "4:4:4"}, 10.6),
        ("a.tif", "F", {"compression": "tiff_adobe_deflate", "tiffinfo": {278: 1000}}, 8),
        ("a.tif", "CMYK", {"compression": "tiff_adobe_deflate", "tiffinfo": {278: 1000}}, 8),
        ("a.gif", "P", {}, 4),
        ("a.bmp", "RGB", {}, 7),
    ],
)
def test_the_header_tells_what_decoding_takes(
    tmp_path: Path, name: str, mode: str, options: dict[str, object], megabytes: float
) -> None:
    path = saved(tmp_path / name, mode, **options)
    with opened(path) as image:
        cost = cost_of(image, path)
    assert megabytes * 0.98e6 <= cost.bytes <= 2 * megabytes * 1e6
    assert not cost.suspicious
    with pytest.raises(PhotoError, match=r"needs [0-9.]+ GB of memory to be decoded; raise --max-memory"):
        decode_guarded(path, Limits(memory=megabytes * 0.97e-3))
    assert decode_guarded(path, Limits(memory=2 * megabytes * 1e-3))[0].shape == (1000, 1000, 3)


def test_tiles_larger_than_the_picture_count(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", "L", compression="tiff_adobe_deflate")
    with opened(path) as image:
        image.tag_v2[322] = image.tag_v2[323] = 40_000  # type: ignore[attr-defined]
        assert cost_of(image, path).bytes > 1.6e9


def test_a_progressive_jpeg_that_comes_out_smaller_is_held_whole_all_the_same(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", "RGB", progressive=True, subsampling=0)
    with opened(path, shrink=8) as image:
        assert image.width == 125
        assert cost_of(image, path).bytes >= 6e6


@pytest.mark.parametrize("name", ["wide.png", "many.jpg", "sparse.png"])
def test_what_ordinary_photos_never_are_is_suspicious(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "many.jpg":
        path = long_jpeg(tmp_path / name, 500)
    else:
        path = saved(tmp_path / name, "L")
        monkeypatch.setattr(limits, "_ORDINARY" if name == "wide.png" else "_SPARSE_FROM", 0.5e6)
    with opened(path) as image:
        assert cost_of(image, path).suspicious


def test_decoded_apart_is_the_same(tmp_path: Path, scene: np.ndarray, stored: Callable[[int], np.ndarray]) -> None:
    exif = Image.Exif()
    for orientation in range(1, 9):
        exif[0x0112] = orientation
        path = tmp_path / f"{orientation} \udcff.jpg"
        Image.fromarray(np.ascontiguousarray(stored(orientation))).save(path, exif=exif, quality=95)
        pixels, note = decode_apart(path, STANDARD, 10**8)
        assert np.array_equal(pixels, decode(path))
        assert note == ""
    path.write_bytes(path.read_bytes()[:-2])
    assert decode_apart(path, STANDARD, 10**8)[1] == decode_noted(path)[1] != ""
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(PhotoError) as here:
        decode(path)
    with pytest.raises(PhotoError) as there:
        decode_apart(path, STANDARD, 10**8)
    assert str(here.value) == str(there.value)


def test_what_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = long_jpeg(tmp_path / "long.jpg")
    start = time.monotonic()
    with pytest.raises(PhotoError, match=r"takes longer than 0\.5 s to decode; raise --photo-timeout"):
        decode_guarded(path, Limits(seconds=0.5))
    assert time.monotonic() - start < 10
    assert running(path) == []


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells what processes run, and bounds their memory: run this on Linux"
)
def test_the_other_process_ends_with_the_one_that_waits(tmp_path: Path) -> None:
    path = long_jpeg(tmp_path / "long.jpg")
    script = (
        "import sys; from pathlib import Path; from harcli.photos.guarded import *; from harcli.photos.limits import *; "
        "decode_guarded(Path(sys.argv[1]), STANDARD)"
    )
    waits = subprocess.Popen([sys.executable, "-c", script, str(path)])
    until(lambda: len(running(path)) == 2)
    waits.kill()
    waits.wait()
    until(lambda: running(path) == [])


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells what processes run, and bounds their memory: run this on Linux"
)
def test_a_header_that_lies_about_memory_costs_no_more_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("RGB", (10_000, 9000)).save(path, compress_level=1)
    with pytest.raises(PhotoError, match="not enough memory") as raised:
        decode_apart(path, STANDARD, 0)
    assert isinstance(raised.value.__cause__, MemoryError)  # which may be different the next time


def test_films_are_told_by_their_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(1000))
    with pytest.raises(PhotoError, match="not a photo"):
        check_header(path, STANDARD)


def running(path: Path) -> list[str]:
    """The processes that have the path on their command line."""
    name = str(path).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if name in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def until(true: Callable[[], bool]) -> None:
    for _ in range(300):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("not within 15 seconds")
