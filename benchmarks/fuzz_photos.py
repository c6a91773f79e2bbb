"""Photos and sidecars for `fuzz_targets.py`: good files of many kinds, and who reads them; a record to write."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from harcli.photos.decode import is_photo
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import decode_guarded
from harcli.photos.limits import Limits
from harcli.photos.sidecar import sidecar_of, stated_orientation
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.xmp import SidecarWriter, remove

Target = tuple[list[bytes], Callable[[bytes], object]]

NAMES = ("hat", "female", "jeans")
INFO = RunInfo(tuple(AttributeSpec(name, "own", 0.5) for name in NAMES), "/photos")
_LIMITS = Limits(megapixels=50, memory=0.5, seconds=5)


def record_of(path: str) -> Record:
    values = dict(zip(NAMES, (0.9, 0.2, 0.6), strict=True))
    return Record(path, 60, 80, 1, (5.0, 6.0, 40.0, 70.0), 0.9, ("hat", "jeans"), values)


def _picture(mode: str = "RGB") -> Image.Image:
    rng = np.random.default_rng(3)
    return Image.fromarray(rng.integers(0, 256, (8, 6, 3), dtype=np.uint8)).resize((60, 80)).convert(mode)


def saved(form: str, mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    _picture(mode).save(stream, form, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    return exif


def photos(work: Path) -> Target:
    """The decoder: pixels as they are promised, or a reason."""
    frames = [_picture("P"), _picture("P").rotate(9)]
    seeds = [
        saved("JPEG", exif=_exif(), xmp=_SIDECARS[0]),
        saved("JPEG", progressive=True, subsampling=0),
        saved("JPEG", "CMYK"),
        saved("PNG", exif=_exif()),
        saved("PNG", "RGBA"),
        saved("PNG", "P", transparency=3),
        saved("PNG", "I;16"),
        saved("WEBP", lossless=True, exif=_exif()),
        saved("WEBP", "RGBA"),
        saved("WEBP", save_all=True, append_images=frames),
        saved("GIF", "P", save_all=True, append_images=frames),
        saved("BMP"),
        saved("TIFF", compression="tiff_lzw", exif=_exif()),
        saved("TIFF", "F", compression="tiff_adobe_deflate"),
        saved("TIFF", "CMYK"),
        saved("TIFF", "1", compression="group4"),
        saved("TIFF", compression="jpeg"),
        saved("AVIF", speed=10),
    ]

    def read(data: bytes) -> None:
        raw = work / "a.dng"  # by its name
        for path in (raw, work / "a.jpg"):
            path.write_bytes(data)
            is_photo(path)
            try:
                pixels, note = decode_guarded(path, _LIMITS)
            except PhotoError:
                if path == raw:
                    continue
                raise
            assert pixels.shape[2:] == (3,)
            assert pixels.dtype == np.uint8
            assert "\n" not in note

    return seeds, read


_BODY = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmp:Rating="3"'
    ' tiff:Orientation="6"><dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>harcli/hat</rdf:li></rdf:Bag></dc:subject>'
    "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>M\xfcller</rdf:li></rdf:Alt></dc:title>"
    "<lr:hierarchicalSubject><rdf:Bag><rdf:li>a|b</rdf:li></rdf:Bag></lr:hierarchicalSubject>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
_SIDECARS = [
    ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>' + _BODY + '<?xpacket end="w"?>').encode(),
    ('<?xml version="1.0" encoding="UTF-16"?>' + _BODY).encode("utf-16"),
    ("<!-- a comment -->\n" + _BODY.replace("x:xmpmeta", "x:xml_doc")).encode(),
]


def sidecars(work: Path) -> Target:
    """A sidecar that harcli reads, merges into, and takes its words out of again."""
    photo = work / "p.jpg"
    photo.write_bytes(saved("JPEG"))
    writer = SidecarWriter(INFO, regions=True)

    def read(data: bytes) -> None:
        sidecar_of(photo).write_bytes(data)
        stated_orientation(photo)
        writer.write([record_of("p.jpg")], photo)
        writer.write([record_of("p.jpg")], photo)
        remove(photo)

    return _SIDECARS, read


def embedded(work: Path) -> Target:
    """What a photo holds of keywords and regions, which a sidecar has to repeat."""
    photo = work / "p.jpg"
    writer = SidecarWriter(INFO, regions=True)
    seeds = [
        saved("JPEG", exif=_exif(), xmp=_SIDECARS[0]),
        saved("PNG", exif=_exif()),
        saved("WEBP", xmp=_SIDECARS[0]),
        saved("TIFF", exif=_exif()),
        saved("GIF", "P", xmp=_SIDECARS[0]),
    ]

    def read(data: bytes) -> None:
        photo.write_bytes(data)
        sidecar_of(photo).unlink(missing_ok=True)
        writer.write([record_of("p.jpg")], photo)
        stated_orientation(photo)

    return seeds, read
