"""RAW files as different makers lay them out: a thumbnail, a preview, sensor data; the preview is what is read."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.photos.decode import decode

pytest.importorskip("exiv2", reason="RAW needs pip install '.[xmp]'")

ORIENTATION = 0x0112
SENSOR = bytes(1000)
Size = tuple[int, int]


def jpeg(pixels: np.ndarray, orientation: int | None = None) -> bytes:
    """With an orientation, its EXIF data come first, as cameras write it."""
    stream = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if orientation is None:
        image.save(stream, "JPEG", quality=95)
        return stream.getvalue()
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image.save(stream, "JPEG", quality=95, exif=exif)
    jfif = stream.getvalue()
    return jfif[:2] + jfif[20:]


THUMBNAIL = jpeg(np.full((120, 160, 3), 90, np.uint8))


def raf(preview: bytes, size: Size, orientation: int) -> bytes:
    """Fujifilm: places and lengths of a JPEG, of tags and of the sensor's data."""
    head = b"FUJIFILMCCD-RAW 0201FF389501" + b"X-T2".ljust(32, b"\0") + b"0100" + bytes(20)
    tags = struct.pack(">I", 0)
    start = 160
    places = (start, len(preview), start + len(preview), len(tags), start + len(preview) + len(tags), len(SENSOR))
    return (head + struct.pack(">6I", *places)).ljust(start, b"\0") + preview + tags + SENSOR


def cr3(preview: bytes, size: Size, orientation: int) -> bytes:
    """Canon since 2018: boxes as in a film."""

    def box(kind: bytes, *content: bytes) -> bytes:
        inside = b"".join(content)
        return struct.pack(">I4s", 8 + len(inside), kind) + inside

    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, ORIENTATION, 3, 1, orientation, 0, 0)
    thumbnail = box(b"THMB", bytes(4), struct.pack(">HHIHH", 160, 120, len(THUMBNAIL), 1, 0), THUMBNAIL)
    shown = box(b"PRVW", bytes(4), struct.pack(">HHHHI", 1, *size, 1, len(preview)), preview)
    about = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    pictures = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
    return b"".join(
        (
            box(b"ftyp", b"crx \0\0\0\1crx isom"),
            box(b"moov", box(b"uuid", about, box(b"CMT1", tiff), thumbnail)),
            box(b"uuid", pictures, bytes(7), b"\1", shown),
            box(b"mdat", SENSOR),
        )
    )


def cr2(preview: bytes, size: Size, orientation: int) -> bytes:
    """Canon until 2018: a TIFF whose first directory is the full-size JPEG, the second the thumbnail."""
    width, height = size

    def directory(at: int, after: bool, *tags: tuple[int, int]) -> bytes:
        """Of one long each; the next one follows it if there is one."""
        length = 2 + 12 * len(tags) + 4
        entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags))
        return struct.pack("<H", len(tags)) + entries + struct.pack("<I", at + length if after else 0)

    first_at, pictures_at = 16, 400
    first = directory(
        first_at,
        True,
        *((256, width), (257, height), (259, 6), (ORIENTATION, orientation)),
        *((273, pictures_at), (279, len(preview))),
    )
    second = directory(first_at + len(first), False, (513, pictures_at + len(preview)), (514, len(THUMBNAIL)))
    head = b"II*\0" + struct.pack("<I", first_at) + b"CR\2\0" + bytes(4)
    return (head + first + second).ljust(pictures_at, b"\0") + preview + THUMBNAIL + SENSOR


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize(("name", "layout"), [("a.RAF", raf), ("a.cr3", cr3), ("a.CR2", cr2)])
def test_the_large_picture_is_read_upright(
    tmp_path: Path,
    name: str,
    layout: Callable[[bytes, Size, int], bytes],
    orientation: int,
    scene: np.ndarray,
    stored: Callable[[int], np.ndarray],
) -> None:
    pixels = stored(orientation).repeat(8, 0).repeat(8, 1)
    preview = jpeg(pixels, orientation if layout is raf else None)
    (tmp_path / name).write_bytes(layout(preview, (pixels.shape[1], pixels.shape[0]), orientation))
    found = decode(tmp_path / name)
    assert found.shape == (384, 640, 3)
    assert np.abs(found[4::8, 4::8].astype(int) - scene).mean() < 8


def test_a_preview_that_is_none_does_not_hide_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "THUMBNAIL", jpeg(np.full((480, 640, 3), 90, np.uint8)))
    (tmp_path / "a.cr3").write_bytes(cr3(b"\xff\xd8\xff\xd9", (6000, 4000), 1))
    assert decode(tmp_path / "a.cr3").shape == (480, 640, 3)
