"""Keywords in photo files, wherever programs put them, so that a new sidecar does not hide them."""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from PIL import Image

from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.embedded import embedded
from harcli.sidecars.packet import Packet
from harcli.sidecars.xmp import SidecarWriter, remove, sidecar_of
from tests.sidecars.conftest import needs_exiftool

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

INFO = RunInfo((AttributeSpec("hat", "head", 0.5),), "/photos", "1.0")
PERSON = Record("p.jpg", 64, 48, 1, (0.0, 0.0, 32.0, 48.0), 0.9, ("hat",), {"hat": 0.9})
WORDS = ["Lisbon", "Größe"]

WRITTEN = {
    "XMP": [f"-XMP-dc:Subject={word}" for word in WORDS],
    "Windows": [f"-XPKeywords={';'.join(WORDS)}"],
    "Windows, branches": [f"-XMP-microsoft:LastKeywordXMP={word}" for word in WORDS],
    "Media Pro": [f"-XMP-mediapro:CatalogSets={word}" for word in WORDS],
    "IPTC, Latin-1": [f"-IPTC:Keywords={word}" for word in WORDS],
    "IPTC, UTF-8 that is not told": ["-charset", "iptc=UTF8", *(f"-IPTC:Keywords={word}" for word in WORDS)],
    "IPTC, UTF-8": ["-IPTC:CodedCharacterSet=UTF8", *(f"-IPTC:Keywords={word}" for word in WORDS)],
}
KNOWN = {
    **{ending: tuple(WRITTEN) for ending in ("jpg", "tif")},
    **dict.fromkeys(("png", "webp"), ("XMP", "Windows", "Windows, branches", "Media Pro")),
    "gif": ("XMP", "Windows, branches", "Media Pro"),
}


@needs_exiftool
@pytest.mark.parametrize(("ending", "where"), [(ending, where) for ending, all_ in KNOWN.items() for where in all_])
def test_repeated_in_a_new_sidecar(tmp_path: Path, ending: str, where: str) -> None:
    photo = tmp_path / f"p.{ending}"
    Image.new("RGB", (64, 48), "red").save(photo)
    subprocess.run(["exiftool", "-q", "-overwrite_original", *WRITTEN[where], photo], check=True)
    content = photo.read_bytes()
    assert SidecarWriter(INFO).write([PERSON], photo)
    packet = Packet(sidecar_of(photo).read_bytes())
    assert packet.items("Xmp.dc.subject") == [*WORDS, "hat"]
    assert packet.items("Xmp.digiKam.TagsList") == [*WORDS, "harcli/head/hat"]
    assert remove(photo)
    assert not sidecar_of(photo).exists()
    assert photo.read_bytes() == content


@needs_exiftool
def test_xmp_counts_before_iptc_and_iptc_before_windows(tmp_path: Path) -> None:
    photo = tmp_path / "p.jpg"
    Image.new("RGB", (64, 48)).save(photo)
    for word, option in (("1", "-XPKeywords=1"), ("2", "-IPTC:Keywords=2"), ("3", "-XMP-dc:Subject=3")):
        subprocess.run(["exiftool", "-q", "-overwrite_original", option, photo], check=True)
        assert embedded(photo).keywords.words == (word,)


def xmp(*words: str) -> bytes:
    packet = Packet()
    packet.set_items("Xmp.dc.subject", words)
    return packet.serialise().encode()


def gif(**options: object) -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("P", (64, 48), number) for number in range(3)]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], loop=0, **options)
    return stream.getvalue()


TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
MARK = b"!\xff\x0bXMP DataXMP"


def blocks(document: bytes) -> bytes:
    parts = (document[start : start + 255] for start in range(0, len(document), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\x00"


@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize("form", ["as it is", "in blocks"])
def test_in_a_gif(tmp_path: Path, place: str, form: str) -> None:
    document = xmp("Größe", *(f"word {number}" for number in range(100)))
    extension = MARK + (document + TRAILER if form == "as it is" else blocks(document))
    whole = gif()
    start = whole.index(b"!\xff\x0bNETSCAPE") if place == "first" else len(whole) - 1
    photo = tmp_path / "p.gif"
    photo.write_bytes(whole[:start] + extension + whole[start:])
    Image.open(photo).load()
    assert embedded(photo).keywords.words == ("Größe", *(f"word {number}" for number in range(100)))


@pytest.mark.parametrize("extension", [MARK, MARK + b"\xff", MARK + b"<x" + TRAILER, MARK + xmp("a")])
def test_in_a_gif_that_is_damaged(tmp_path: Path, extension: bytes) -> None:
    photo = tmp_path / "p.gif"
    photo.write_bytes(gif()[:-1] + extension)
    assert embedded(photo).keywords.words == ()


@pytest.mark.parametrize("packed", [False, True])
def test_behind_the_pixels_of_a_png(tmp_path: Path, packed: bool) -> None:
    """Where ExifTool put it before 2019."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 48)).save(stream, "PNG")
    text = zlib.compress(xmp("Größe")) if packed else xmp("Größe")
    content = b"iTXtXML:com.adobe.xmp\x00" + bytes([packed, 0]) + b"en\x00key\x00" + text
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    photo = tmp_path / "p.png"
    photo.write_bytes(stream.getvalue()[:-12] + chunk + stream.getvalue()[-12:])
    assert embedded(photo).keywords.words == ("Größe",)
    photo.write_bytes(photo.read_bytes()[:-40])
    assert embedded(photo).keywords.words in ((), ("Größe",))


def test_no_words_between_separators(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x9C9E] = "a; ;; Größe ;\x00rest".encode("utf-16-le")
    Image.new("RGB", (64, 48)).save(tmp_path / "p.jpg", exif=exif)
    assert embedded(tmp_path / "p.jpg").keywords.words == ("a", "Größe")


def test_iptc_keywords_without_exiftool(tmp_path: Path) -> None:
    words = [b"Lisbon", "Eléctrico".encode()]
    data = b"\x1c\x01\x5a\x00\x03\x1b%G" + b"".join(
        b"\x1c\x02\x19" + len(word).to_bytes(2, "big") + word for word in words
    )
    block = b"8BIM\x04\x04\x00\x00" + len(data).to_bytes(4, "big") + data + b"\x00" * (len(data) % 2)
    segment = b"Photoshop 3.0\x00" + block
    photo = tmp_path / "p.jpg"
    raw = io.BytesIO()
    Image.new("RGB", (64, 48)).save(raw, "JPEG")
    jpeg = raw.getvalue()
    photo.write_bytes(jpeg[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + jpeg[2:])
    assert SidecarWriter(INFO).write([PERSON], photo)
    assert Packet(sidecar_of(photo).read_bytes()).items("Xmp.dc.subject") == ["Lisbon", "Eléctrico", "hat"]
