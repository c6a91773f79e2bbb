"""PNG, GIF, BMP, TIFF and WebP files whose last bytes are missing."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.photos.apart import decode_apart
from harcli.photos.decode import decode, decode_noted
from harcli.photos.errors import PhotoError
from harcli.photos.limits import STANDARD

WIDTH, HEIGHT, STRIP = 80, 800, 4


def picture() -> Image.Image:
    """Detail everywhere, so that bytes are about proportional to rows."""
    coarse = np.random.default_rng(3).integers(0, 255, (HEIGHT // 10, WIDTH // 10, 3), np.uint8)
    return Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def saved(form: str, mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    image = picture().quantize(64) if mode == "P" else picture().convert(mode)
    image.save(stream, form, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def tiff(*, compressed: bool) -> bytes:
    """A TIFF that begins with its directory, as tifffile and many scanners write it; Pillow puts it at the end."""
    rows = np.asarray(picture())
    strips = [rows[y : y + STRIP].tobytes() for y in range(0, HEIGHT, STRIP)]
    strips = [zlib.compress(strip) for strip in strips] if compressed else strips
    long, short = 4, 3
    count, tags = len(strips), 10
    arrays = 8 + 2 + 12 * tags + 4
    start = arrays + 6 + 8 * count
    places = np.cumsum([start, *map(len, strips)])[:-1].tolist()
    entries = [
        (256, short, 1, WIDTH),
        (257, short, 1, HEIGHT),
        (258, short, 3, arrays),
        (259, short, 1, 8 if compressed else 1),
        (262, short, 1, 2),
        (273, long, count, arrays + 6),
        (277, short, 1, 3),
        (278, short, 1, STRIP),
        (279, long, count, arrays + 6 + 4 * count),
        (284, short, 1, 1),
    ]
    directory = struct.pack("<H", tags) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    values = struct.pack(f"<3H{2 * count}I", 8, 8, 8, *places, *map(len, strips))
    return b"II*\0" + struct.pack("<I", 8) + directory + values + b"".join(strips)


def webp(**options: object) -> bytes:
    return saved("WEBP", **options)  # type: ignore[arg-type]


KINDS = {
    "png": lambda: saved("PNG"),
    "png in palette": lambda: saved("PNG", "P"),
    "png with alpha": lambda: saved("PNG", "RGBA"),
    "png in black and white": lambda: saved("PNG", "1"),
    "gif": lambda: saved("GIF", "P", interlace=0),
    "bmp": lambda: saved("BMP"),
    "tiff": lambda: tiff(compressed=False),
    "compressed tiff": lambda: tiff(compressed=True),
    "webp": lambda: webp(),
    "webp without loss": lambda: webp(lossless=True),
    "webp with alpha": lambda: webp(mode="RGBA"),
}


def cut(tmp_path: Path, data: bytes, share: float) -> Path:
    path = tmp_path / "cut"
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize("missing", [1, 4, 11, 12, 13])
def test_a_png_without_its_last_chunk(tmp_path: Path, missing: int) -> None:
    """Its rows are all there."""
    path = tmp_path / "p.png"
    Image.linear_gradient("L").save(path)
    whole, note = decode_noted(path)
    assert note == ""
    path.write_bytes(path.read_bytes()[:-missing])
    pixels, note = decode_noted(path)
    assert note == "cut off at its end"
    assert (pixels == whole).all()


@pytest.mark.parametrize("zeros", [12, 16])
def test_a_png_that_ends_in_zeros(tmp_path: Path, zeros: int) -> None:
    """A download that did not finish, whose program had made room for all of it."""
    data = saved("PNG")
    (tmp_path / "whole").write_bytes(data)
    (tmp_path / "cut").write_bytes(data[:-zeros] + bytes(zeros))
    pixels, note = decode_noted(tmp_path / "cut")
    assert note.startswith("cut off")
    assert (pixels == decode(tmp_path / "whole")).all((1, 2)).sum() >= 0.95 * HEIGHT
    (tmp_path / "cut").write_bytes(data[: len(data) // 2] + bytes(len(data) // 2))
    with pytest.raises(PhotoError, match="damaged"):
        decode(tmp_path / "cut")


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_all_rows_are_enough(tmp_path: Path, kind: str) -> None:
    data = KINDS[kind]()
    (tmp_path / "whole").write_bytes(data)
    pixels, note = decode_noted(cut(tmp_path, data, 0.98))
    whole = decode(tmp_path / "whole")
    same = (pixels == whole).all((1, 2))
    missing = int(note.split(" of ")[0].split()[-1])
    assert note.endswith(f"{missing} of {HEIGHT} rows are missing")
    assert 0 < missing <= HEIGHT / 20
    there = slice(missing, None) if kind == "bmp" else slice(0, HEIGHT - missing)  # bmp begins at the bottom
    assert same[there].all()
    assert note.startswith("cut off: the last") == (kind != "bmp")
    again, noted = decode_apart(tmp_path / "cut", STANDARD, 10**8)
    assert np.array_equal(again, pixels)
    assert noted == note


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_are_not(tmp_path: Path, kind: str) -> None:
    data = KINDS[kind]()
    for share in (0.92, 0.5, 0.1):
        with pytest.raises(PhotoError, match="damaged"):
            decode(cut(tmp_path, data, share))


@pytest.mark.parametrize("kind", ["png", "gif", "webp"])
def test_a_flat_picture_counts_its_rows_too(tmp_path: Path, kind: str) -> None:
    """Black, as what is missing: only the data can tell."""
    stream = io.BytesIO()
    Image.new("RGB", (1000, 1000)).save(stream, kind)
    with pytest.raises(PhotoError, match="damaged"):
        decode(cut(tmp_path, stream.getvalue(), 0.8))


def test_a_webp_that_lacks_a_part_of_its_metadata_is_whole(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "words" * 100
    data = saved("WEBP", exif=exif)
    (tmp_path / "whole").write_bytes(data)
    (tmp_path / "cut").write_bytes(data[:-50])
    pixels, note = decode_noted(tmp_path / "cut")
    assert note == "cut off at its end"
    assert np.array_equal(pixels, decode(tmp_path / "whole"))


def test_damage_that_is_no_cut_is_refused_as_ever(tmp_path: Path) -> None:
    for kind in ("png", "compressed tiff"):
        data = bytearray(KINDS[kind]())
        data[len(data) * 97 // 100] ^= 0xFF
        with pytest.raises(PhotoError, match="damaged"):
            decode(cut(tmp_path, bytes(data), 1.0))


@pytest.mark.parametrize("kind", KINDS)
def test_at_any_byte_it_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    data = KINDS[kind]()
    for length in np.linspace(0, len(data), 25).astype(int):
        (tmp_path / "cut").write_bytes(data[:length])
        with contextlib.suppress(PhotoError):
            assert decode(tmp_path / "cut").shape == (HEIGHT, WIDTH, 3)
