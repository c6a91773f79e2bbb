"""Every kind of photo, against pixels that are known."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from harcli.photos.decode import decode
from harcli.photos.errors import PhotoError

RED, GREEN, BLUE, GREY = (250, 10, 10), (10, 250, 10), (10, 10, 250), (120, 120, 120)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_honoured(
    tmp_path: Path, ending: str, orientation: int, scene: np.ndarray, stored: Callable[[int], np.ndarray]
) -> None:
    path = tmp_path / f"photo.{ending}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"jpg": {"quality": 95, "subsampling": 0}, "webp": {"lossless": True}}.get(ending, {})
    Image.fromarray(np.ascontiguousarray(stored(orientation))).save(path, exif=exif, **options)
    pixels = decode(path)
    assert pixels.shape == (48, 80, 3)
    assert np.abs(pixels.astype(int) - scene).max() <= 8
    with Image.open(path) as image:
        assert np.array_equal(pixels, np.asarray(ImageOps.exif_transpose(image).convert("RGB")))


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "bmp", "tif", "gif"])
def test_plain_formats(tmp_path: Path, ending: str, scene: np.ndarray) -> None:
    path = tmp_path / f"photo.{ending}"
    Image.fromarray(scene).save(path)
    pixels = decode(path)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[4:20, 4:36].astype(int) - RED).max() < 20
    assert np.abs(pixels[28:44, 44:76].astype(int) - GREY).max() < 20


def test_the_names_ending_does_not_matter(tmp_path: Path, scene: np.ndarray) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(scene).save(path, "PNG")
    assert np.array_equal(decode(path), scene)


@pytest.mark.parametrize(("ending", "dtype"), [("png", "<u2"), ("tif", "<u2"), ("tif", ">u2")])
def test_16_bit_grey_is_scaled_not_clipped(tmp_path: Path, ending: str, dtype: str) -> None:
    path = tmp_path / f"deep.{ending}"
    Image.fromarray(np.array([[0, 256, 0x8000, 0xFFFF]], dtype)).save(path)
    assert decode(path)[0].tolist() == [[0] * 3, [1] * 3, [128] * 3, [255] * 3]


def test_16_bit_colour_png(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    path.write_bytes(png_16_bit(np.array([[[0x0100, 0x8000, 0xFFFF], [0, 0x40FF, 0xC000]]], np.uint16)))
    assert decode(path)[0].tolist() == [[1, 128, 255], [0, 64, 192]]


def test_16_bit_colour_tiff(tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    path.write_bytes(tiff_16_bit(np.array([[[0x0100, 0x8000, 0xFFFF], [0, 0x40FF, 0xC000]]], np.uint16)))
    assert decode(path)[0].tolist() == [[1, 128, 255], [0, 64, 192]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.5, 1.0, np.nan]], np.float32), [0, 128, 255, 0]),
        (np.array([[0.0, 51.0, 255.0, -3.0]], np.float32), [0, 51, 255, 0]),
        (np.array([[0.0, 32896.0, 65535.0]], np.float32), [0, 128, 255]),
        (np.array([[0, 100, 255]], np.int32), [0, 100, 255]),
        (np.array([[0, 32896, 65535]], np.int32), [0, 128, 255]),
        (np.array([[0, 1 << 29, 1 << 30]], np.int32), [0, 128, 255]),
    ],
)
def test_32_bit_tiff_is_scaled(tmp_path: Path, values: np.ndarray, expected: list[int]) -> None:
    path = tmp_path / "deep.tif"
    Image.fromarray(values).save(path)
    assert decode(path)[0, :, 0].tolist() == expected


@pytest.mark.parametrize("ending", ["jpg", "tif"])
def test_cmyk(tmp_path: Path, ending: str, scene: np.ndarray) -> None:
    path = tmp_path / f"print.{ending}"
    Image.fromarray(scene).convert("CMYK").save(path)
    assert np.abs(decode(path)[4:20, 4:36].astype(int) - RED).max() < 12


def test_transparent_pixels_are_white_not_what_lies_under_them(tmp_path: Path) -> None:
    pixels = np.array([[[255, 0, 0, 0], [255, 0, 0, 255], [0, 0, 0, 128]]], np.uint8)
    for ending in ("png", "webp", "tif"):
        path = tmp_path / f"clear.{ending}"
        Image.fromarray(pixels).save(path, **({"lossless": True, "exact": True} if ending == "webp" else {}))
        assert decode(path)[0].tolist() == [[255] * 3, [255, 0, 0], [127] * 3]


def test_grey_with_alpha(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.fromarray(np.array([[[0, 0], [0, 255], [200, 255]]], np.uint8), "LA").save(path)
    assert decode(path)[0].tolist() == [[255] * 3, [0] * 3, [200] * 3]


@pytest.mark.parametrize("ending", ["png", "gif"])
def test_palette_with_a_transparent_entry(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"palette.{ending}"
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([*RED, *GREEN, *BLUE])
    image.save(path, transparency=1)
    assert decode(path)[0].tolist() == [list(RED), [255] * 3, list(BLUE)]


def test_one_transparent_colour(tmp_path: Path) -> None:
    path = tmp_path / "key.png"
    Image.fromarray(np.array([[RED, GREEN]], np.uint8)).save(path, transparency=GREEN)
    assert decode(path)[0].tolist() == [list(RED), [255] * 3]


@pytest.mark.parametrize("ending", ["png", "tif", "bmp", "gif"])
def test_black_and_white(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"fax.{ending}"
    Image.fromarray(np.array([[0, 255, 0]], np.uint8)).convert("1").save(path)
    assert decode(path)[0].tolist() == [[0] * 3, [255] * 3, [0] * 3]


@pytest.mark.parametrize("ending", ["gif", "webp", "tif", "png"])
def test_first_of_many_frames(tmp_path: Path, ending: str) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in (RED, GREEN, BLUE)]
    path = tmp_path / f"film.{ending}"
    frames[0].save(path, save_all=True, append_images=frames[1:], **({"lossless": True} if ending == "webp" else {}))
    assert decode(path)[5, 5].tolist() == list(RED)


def test_damaged_exif_does_not_lose_a_sound_photo(tmp_path: Path, scene: np.ndarray) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(scene).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage")
    assert np.array_equal(decode(path), scene)


def write_truncated(path: Path) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("gone.jpg", lambda path: None, "no such file"),
        ("folder.jpg", lambda path: path.mkdir(), "a folder"),
        ("empty.jpg", lambda path: path.touch(), "empty"),
        ("text.jpg", lambda path: path.write_text("not a photo"), "not a photo in a format"),
        ("cut.jpg", write_truncated, "truncated"),
        ("cut.png", write_truncated, "truncated"),
        ("head.jpg", lambda path: path.write_bytes(b"\xff\xd8\xff" + bytes(20)), "damaged, or a kind of JPEG"),
        ("head.png", lambda path: path.write_bytes(b"\x89PNG\r\n"), "damaged, or a kind of PNG"),
        ("head.tif", lambda path: path.write_bytes(b"II*\0\xff\xff\xff\x7f"), "damaged, or a kind of TIFF"),
        ("script.jpg", lambda path: path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"), "format"),
        ("huge.png", lambda path: Image.new("1", (1100, 1000)).save(path), "--max-megapixels"),
        ("bomb.png", lambda path: Image.new("1", (3000, 1000)).save(path), "--max-megapixels"),
        ("nul\0.jpg", lambda path: None, "null"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, make: object, reason: str) -> None:
    path = tmp_path / name
    make(path)  # type: ignore[operator]
    with pytest.raises(PhotoError, match=reason) as caught:
        decode(path, max_megapixels=1)
    assert "\n" not in caught.value.reason
    assert str(tmp_path) not in caught.value.reason


def test_a_large_photo_is_read_if_allowed(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (1100, 1000)).save(path)
    assert decode(path, max_megapixels=1.2).shape == (1000, 1100, 3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes: run this on Linux or macOS")
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    code = "import sys; from pathlib import Path; from harcli.photos.decode import decode; decode(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path / "pipe.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "not a regular file" in done.stderr


def png_16_bit(pixels: np.ndarray) -> bytes:
    """Pillow cannot write one. `pixels`: uint16 `(H, W, 3)`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in pixels)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def tiff_16_bit(pixels: np.ndarray) -> bytes:
    """Uncompressed, little-endian, one strip. `pixels`: uint16 `(H, W, 3)`."""
    height, width = pixels.shape[:2]
    data = pixels.astype("<u2").tobytes()
    bits_at = 8 + len(data)
    short, long = 3, 4
    tags = [
        *((256, short, 1, width), (257, short, 1, height), (258, short, 3, bits_at), (259, short, 1, 1)),
        *((262, short, 1, 2), (273, long, 1, 8), (277, short, 1, 3), (278, short, 1, height)),
        (279, long, 1, len(data)),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + b"\0\0\0\0"
    return b"II*\0" + struct.pack("<I", bits_at + 6) + data + struct.pack("<3H", 16, 16, 16) + directory


@pytest.mark.parametrize(("megabytes", "read"), [(3, True), (200, False)])
@pytest.mark.parametrize("kind", [b"iTXt", b"zTXt", b"iCCP"])
def test_long_texts_in_a_png(tmp_path: Path, kind: bytes, megabytes: int, read: bool) -> None:
    """Photoshop's lists of ancestors, workflows, colour profiles: viewers do not mind. 200 MB are a bomb."""
    Image.new("RGB", (6, 4)).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    head = {b"iTXt": b"XML:com.adobe.xmp\0\1\0\0\0", b"zTXt": b"Comment\0\0", b"iCCP": b"profile\0\0"}[kind]
    content = kind + head + zlib.compress(b" " * (megabytes * 10**6), 9)
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    (tmp_path / "a.png").write_bytes(data[:33] + chunk + data[33:])
    if read:
        assert decode(tmp_path / "a.png").shape == (4, 6, 3)
    else:
        with pytest.raises(PhotoError, match="damaged"):
            decode(tmp_path / "a.png")
