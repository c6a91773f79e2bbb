"""Photos with millions of empty parts in front of the picture; and ordinary ones, which have some dozens."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from harcli.photos.decode import decode
from harcli.photos.errors import PhotoError
from harcli.photos.header import MOST_PARTS


def encoded(form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).save(stream, form, **options)
    return stream.getvalue()


def chunk(kind: bytes) -> bytes:
    return struct.pack(">I", 0) + kind + struct.pack(">I", zlib.crc32(kind))


def jpeg(part: bytes, count: int) -> bytes:
    data = encoded("JPEG")
    return data[:2] + part * count + data[2:]


def png(part: bytes, count: int, before: bytes = b"IDAT") -> bytes:
    data = encoded("PNG")
    at = data.index(before) - 4
    return data[:at] + part * count + data[at:]


def gif(part: bytes, count: int) -> bytes:
    data = encoded("GIF")
    at = 13 + 3 * (2 << (data[10] & 7))
    return data[:at] + part * count + data[at:]


KINDS: dict[str, Callable[[int], bytes]] = {
    "comments in a JPEG": lambda count: jpeg(b"\xff\xfe\0\2", count),
    "fill bytes in a JPEG": lambda count: jpeg(b"\xff", count),
    "private chunks in a PNG": lambda count: png(chunk(b"prVt"), count),
    "private chunks behind the picture of a PNG": lambda count: png(chunk(b"prVt"), count, b"IEND"),
    "comments in a GIF": lambda count: gif(b"!\xfe\1c\0", count),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_without_end(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p"
    path.write_bytes(KINDS[kind](30 * MOST_PARTS))
    begin = time.process_time()
    with pytest.raises(PhotoError, match="its header has no end"):
        decode(path)
    assert time.process_time() - begin < 1
    path.write_bytes(KINDS[kind](100))
    assert decode(path).shape == (48, 64, 3)


def test_ordinary_photos(tmp_path: Path) -> None:
    texts = PngInfo()
    for number in range(50):
        texts.add_text(f"key {number}", "value")
    frames = [Image.new("L", (64, 48), shade) for shade in range(0, 200, 2)]
    more = {"save_all": True, "append_images": frames}
    for data in (
        *(encoded("JPEG", progressive=True, icc_profile=bytes(200_000), comment=b"c"), encoded("PNG", pnginfo=texts)),
        *(encoded("PNG", **more), encoded("GIF", **more), encoded("MPO", **more)),
    ):
        (tmp_path / "p").write_bytes(data)
        assert decode(tmp_path / "p").shape == (48, 64, 3)
