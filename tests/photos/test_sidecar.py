"""A photo that was turned in a program which keeps that in its sidecar is read as the program shows it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.photos.decode import decode
from harcli.photos.sidecar import sidecar_of, stated_orientation

NAMESPACES = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'

Stored = Callable[[int], np.ndarray]


def sidecar(orientation: object) -> str:
    return f'<rdf:RDF {NAMESPACES}><rdf:Description rdf:about="" tiff:Orientation="{orientation}"/></rdf:RDF>'


def save(photo: Path, pixels: np.ndarray, own: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = own
    options = {"lossless": True} if photo.suffix == ".webp" else {"quality": 95}
    Image.fromarray(pixels).save(photo, **({"exif": exif} if own else {}), **options)


@pytest.mark.parametrize("own", [0, 1, 3, 5, 6])
@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp"])
def test_the_sidecar_counts_before_the_photo(
    tmp_path: Path, scene: np.ndarray, stored: Stored, ending: str, own: int
) -> None:
    photo = tmp_path / f"p.{ending}"
    for stated in range(1, 9):
        save(photo, stored(stated), own)
        sidecar_of(photo).write_text(sidecar(stated))
        pixels = decode(photo)
        assert pixels.shape == scene.shape, stated
        assert np.abs(pixels.astype(int) - scene).mean() < 3, stated


def test_a_smaller_copy_is_turned_too(tmp_path: Path, scene: np.ndarray, stored: Stored) -> None:
    photo = tmp_path / "p.jpg"
    save(photo, stored(6), 1)
    sidecar_of(photo).write_text(sidecar(6))
    assert decode(photo, shrink=4).shape == (12, 20, 3)


def test_a_jpeg_that_is_cut_off_is_turned_too(tmp_path: Path) -> None:
    photo = tmp_path / "p.jpg"
    Image.effect_noise((480, 640), 50).convert("RGB").save(photo)
    photo.write_bytes(photo.read_bytes()[:-2])
    sidecar_of(photo).write_text(sidecar(6))
    assert decode(photo).shape == (480, 640, 3)


FORMS = {
    "an attribute": sidecar(6).encode(),
    "an element": sidecar(1).replace(
        ' tiff:Orientation="1"/>', "><tiff:Orientation>6</tiff:Orientation></rdf:Description>"
    ),
    "another prefix": sidecar(6).replace("tiff:", "t:").replace(":tiff", ":t"),
    "another root": f'<?xml version="1.0"?><x:xml_doc xmlns:x="adobe:ns:meta/">{sidecar(6)}</x:xml_doc>',
    "the second of two": sidecar(6).replace("><rdf:D", "><rdf:Description rdf:about=''/><rdf:D"),
    "UTF-16": sidecar(6).encode("utf-16"),
}
NONE = {
    "nothing": "",
    "no orientation": sidecar(6).replace("tiff:Orientation", "tiff:Make"),
    **{f"the value {value!r}": sidecar(value) for value in ("0", "9", "66", "", "-1", "six", "6.0", "²")},
    "another namespace": sidecar(6).replace("ns.adobe.com", "example.org"),
    "damaged": sidecar(6)[:-9],
    "no XML": "tiff:Orientation=6",
    "bytes": b"\xff\xfeOrientation",
}


@pytest.mark.parametrize(
    ("content", "stated"),
    [*((content, 6) for content in FORMS.values()), *((content, None) for content in NONE.values())],
    ids=[*FORMS, *NONE],
)
def test_what_a_sidecar_states(tmp_path: Path, content: str | bytes, stated: int | None) -> None:
    photo = tmp_path / "p.jpg"
    sidecar_of(photo).write_bytes(content.encode() if isinstance(content, str) else content)
    assert stated_orientation(photo) == stated


def test_no_sidecar_that_can_be_read(tmp_path: Path) -> None:
    photo = tmp_path / "p.jpg"
    assert stated_orientation(photo) is None
    os.mkfifo(sidecar_of(photo))
    assert stated_orientation(photo) is None
    sidecar_of(photo).unlink()
    sidecar_of(photo).mkdir()
    assert stated_orientation(photo) is None
    assert stated_orientation(Path()) is None
    sidecar_of(photo).rmdir()
    with sidecar_of(photo).open("wb") as stream:
        stream.truncate(2**40)
    assert stated_orientation(photo) is None


def test_heic_goes_by_its_container(tmp_path: Path, scene: np.ndarray) -> None:
    heif = pytest.importorskip("pillow_heif", reason="making HEIC files needs pip install '.[dev]'")
    pytest.importorskip("pi_heif", reason="HEIC needs pip install '.[heif]'")
    photo = tmp_path / "p.heic"
    heif.from_pillow(Image.fromarray(scene)).save(photo)
    sidecar_of(photo).write_text(sidecar(6))
    assert decode(photo).shape == scene.shape
