"""RAW files, by the picture that is in them."""

from __future__ import annotations

import io
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.photos.decode import decode
from harcli.photos.errors import PhotoError
from harcli.photos.find import find_photos

pytest.importorskip("exiv2", reason="RAW needs pip install '.[xmp]'")

SHORT, LONG = 3, 4


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "JPEG", quality=95, **options)
    return stream.getvalue()


def raw(preview: bytes, size: tuple[int, int], orientation: int = 1) -> bytes:
    """A file as cameras write them, in the layout of TIFF: a thumbnail first, then sensor data and the preview.

    Args:
        preview: a JPEG of `size`, width and height.
    """
    data = bytearray(b"II*\0\0\0\0\0")

    def put(content: bytes) -> int:
        at = len(data)
        data.extend(content + b"\0" * (len(content) % 2))
        return at

    def directory(*tags: tuple[int, int, list[int]]) -> int:
        entries = b""
        for tag, kind, values in sorted(tags):
            content = struct.pack(f"<{len(values)}{'H' if kind == SHORT else 'I'}", *values)
            if len(content) > 4:
                content = struct.pack("<I", put(content))
            entries += struct.pack("<HHI", tag, kind, len(values)) + content.ljust(4, b"\0")
        return put(struct.pack("<H", len(tags)) + entries + b"\0\0\0\0")

    def picture(content: bytes, size: tuple[int, int], bits: list[int], *tags: tuple[int, int, list[int]]) -> int:
        width, height = size
        return directory(
            *((256, LONG, [width]), (257, LONG, [height]), (258, SHORT, bits), (273, LONG, [put(content)])),
            *((277, SHORT, [len(bits)]), (278, LONG, [height]), (279, LONG, [len(content)]), *tags),
        )

    kind, compression, colours = 254, 259, 262
    shown = picture(preview, size, [8] * 3, (kind, LONG, [1]), (compression, SHORT, [7]), (colours, SHORT, [6]))
    sensor = (kind, LONG, [0]), (compression, SHORT, [1]), (colours, SHORT, [32803])
    small = (kind, LONG, [1]), (compression, SHORT, [1]), (colours, SHORT, [2]), (274, SHORT, [orientation])
    below = picture(bytes(96 * 64 * 2), (96, 64), [16], *sensor), shown
    first = picture(bytes(16 * 12 * 3), (16, 12), [8] * 3, *small, (330, LONG, list(below)))
    data[4:8] = struct.pack("<I", first)
    return bytes(data)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.DNG", "a.nef", "a.arw"])
def test_the_preview_is_read_upright(
    tmp_path: Path, name: str, orientation: int, scene: np.ndarray, stored: Callable[[int], np.ndarray]
) -> None:
    pixels = stored(orientation).repeat(8, 0).repeat(8, 1)
    (tmp_path / name).write_bytes(raw(jpeg(pixels), (pixels.shape[1], pixels.shape[0]), orientation))
    found = decode(tmp_path / name)
    assert found.shape == (384, 640, 3)
    assert np.abs(found[4::8, 4::8].astype(int) - scene).mean() < 8


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"II*\0", "damaged, or a kind of RAW"),
        (b"no RAW at all, but long enough to be looked at" * 9, "damaged, or a kind of RAW"),
        (raw(jpeg(np.zeros((64, 96, 3), np.uint8)), (96, 64)), "large enough"),
        (raw(b"\xff\xd8\xff\xd9", (640, 480)), "damaged"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.nef").write_bytes(content)
    with pytest.raises(PhotoError, match=said):
        decode(tmp_path / "a.nef")


def test_a_jpeg_that_is_named_like_one(tmp_path: Path, scene: np.ndarray) -> None:
    (tmp_path / "a.raw").write_bytes(jpeg(scene))
    assert decode(tmp_path / "a.raw").shape == (48, 80, 3)


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.nef").write_bytes(b"II*\0")
    monkeypatch.setitem(sys.modules, "exiv2", None)
    with pytest.raises(PhotoError, match=r"RAW needs an extra: pip install 'harcli\[xmp\]'"):
        decode(tmp_path / "a.nef")


def test_the_command_takes_them_on_demand(harcli: Callable, rows: Callable, tmp_path: Path, scene: np.ndarray) -> None:
    (tmp_path / "photos").mkdir()
    pixels = scene.repeat(8, 0).repeat(8, 1)
    (tmp_path / "photos" / "a.cr2").write_bytes(raw(jpeg(pixels), (640, 384), 6))
    assert find_photos([tmp_path / "photos"]).photos == []
    options = ("--no-detect", "--no-store", "--out", "a.csv")
    assert harcli("tag", "photos", *options).returncode == 1
    assert harcli("tag", "photos", "--raw-preview", *options).returncode == 0
    assert [(row["width"], row["height"]) for row in rows(tmp_path / "a.csv")] == [("384", "640")]
    assert harcli("tag", "photos/a.cr2", *options).returncode == 0
