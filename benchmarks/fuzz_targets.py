"""What `fuzz.py` changes, and who reads it: for each reader good files, and a function that reads one.

A target is a function of a folder to work in: it gives the good files as bytes, and what reads such bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from watched import tiny_model

from harcli.datasets import manifest
from harcli.errors import HarcliError
from harcli.people.yolo_metadata import YoloMetadata
from harcli.photos.decode import is_photo
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import decode_guarded
from harcli.photos.ignore import FILE_NAME, Rules, read_patterns
from harcli.photos.limits import Limits
from harcli.photos.listing import paths_from
from harcli.photos.sidecar import sidecar_of, stated_orientation
from harcli.recognition.metadata import AttributeSpec, ModelMetadata
from harcli.recognition.model import AttributeModel
from harcli.results import Record, RunInfo
from harcli.results.database import DatabaseSink, Results
from harcli.results.query import parse
from harcli.runtime.onnx_wire import external_files, graph, metadata
from harcli.sidecars.xmp import SidecarWriter, remove
from harcli.tagging.content import Identity
from harcli.tagging.finding import Finding, Person
from harcli.tagging.settings import Settings
from harcli.tagging.store import Store
from harcli.tagging.store_contents import contents

Target = tuple[list[bytes], Callable[[bytes], object]]

_NAMES = ("hat", "female", "jeans")
_INFO = RunInfo(tuple(AttributeSpec(name, "own", 0.5) for name in _NAMES), "/photos")
_LIMITS = Limits(megapixels=50, memory=0.5, seconds=5)


def _record(path: str) -> Record:
    values = dict(zip(_NAMES, (0.9, 0.2, 0.6), strict=True))
    return Record(path, 60, 80, 1, (5.0, 6.0, 40.0, 70.0), 0.9, ("hat", "jeans"), values)


def _picture(mode: str = "RGB") -> Image.Image:
    rng = np.random.default_rng(3)
    return Image.fromarray(rng.integers(0, 256, (8, 6, 3), dtype=np.uint8)).resize((60, 80)).convert(mode)


def _saved(form: str, mode: str = "RGB", **options: object) -> bytes:
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
        _saved("JPEG", exif=_exif(), xmp=_SIDECARS[0]),
        _saved("JPEG", progressive=True, subsampling=0),
        _saved("JPEG", "CMYK"),
        _saved("PNG", exif=_exif()),
        _saved("PNG", "RGBA"),
        _saved("PNG", "P", transparency=3),
        _saved("PNG", "I;16"),
        _saved("WEBP", lossless=True, exif=_exif()),
        _saved("WEBP", "RGBA"),
        _saved("WEBP", save_all=True, append_images=frames),
        _saved("GIF", "P", save_all=True, append_images=frames),
        _saved("BMP"),
        _saved("TIFF", compression="tiff_lzw", exif=_exif()),
        _saved("TIFF", "F", compression="tiff_adobe_deflate"),
        _saved("TIFF", "CMYK"),
        _saved("TIFF", "1", compression="group4"),
        _saved("TIFF", compression="jpeg"),
        _saved("AVIF", speed=10),
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
    photo.write_bytes(_saved("JPEG"))
    writer = SidecarWriter(_INFO, regions=True)

    def read(data: bytes) -> None:
        sidecar_of(photo).write_bytes(data)
        stated_orientation(photo)
        writer.write([_record("p.jpg")], photo)
        writer.write([_record("p.jpg")], photo)
        remove(photo)

    return _SIDECARS, read


def embedded(work: Path) -> Target:
    """What a photo holds of keywords and regions, which a sidecar has to repeat."""
    photo = work / "p.jpg"
    writer = SidecarWriter(_INFO, regions=True)
    seeds = [
        _saved("JPEG", exif=_exif(), xmp=_SIDECARS[0]),
        _saved("PNG", exif=_exif()),
        _saved("WEBP", xmp=_SIDECARS[0]),
        _saved("TIFF", exif=_exif()),
        _saved("GIF", "P", xmp=_SIDECARS[0]),
    ]

    def read(data: bytes) -> None:
        photo.write_bytes(data)
        sidecar_of(photo).unlink(missing_ok=True)
        writer.write([_record("p.jpg")], photo)
        stated_orientation(photo)

    return seeds, read


def stores(work: Path) -> Target:
    """A store: what still holds is given, nothing else."""
    path, photo = work / "store.db", work / "p.jpg"
    photo.write_bytes(_saved("JPEG"))
    settings = Settings({"model": "tiny 1", "confidence": "0.3"}, 3)
    person = Person((1.0, 2.0, 30.0, 40.0), 0.9, np.array([0.1, 0.2, 0.9], np.float32))
    with Store(path, settings) as store:
        known = [store.identify(photo), *(Identity(photo, bytes([i]) * 32, (1, 2, 3, 4, i)) for i in range(20))]
        store.keep([(known[0], Finding((60, 80), (person, person)))])

    def read(data: bytes) -> None:
        for beside in work.glob("store.db*"):
            beside.unlink()
        path.write_bytes(data)
        with Store(path, settings) as store:
            identity = store.identify(photo)
            found = store.get(identity.content)
            store.keep([(identity, Finding((60, 80), (person,)))])
        assert found is None or all(np.isfinite(p.probabilities).all() for p in found.people)
        contents(path)

    return [path.read_bytes()], read


def results(work: Path) -> Target:
    """A results file, as `report`, `find`, `export` and `show` read it."""
    path = work / "r.db"
    with DatabaseSink(path, _INFO) as sink:
        for i in range(30):
            sink.write(_record(f"{i}.jpg"))
        sink.write(Record("bad.jpg", error="damaged"))
    query = parse("hat and not jeans", _NAMES)

    def read(data: bytes) -> None:
        path.write_bytes(data)
        with Results(path) as opened:
            len(opened)
            for photo in opened.photos():
                for record in photo:
                    query.matches(record, 0.3)
                    json.dumps(record.probabilities, allow_nan=False)
                    opened.locate(record.path)

    return [path.read_bytes()], read


def models(work: Path) -> Target:
    """An attribute model's file, with what it says of itself."""
    path = work / "m.onnx"
    seed = tiny_model(path).read_bytes()
    crops = [np.zeros((16, 8, 3), np.uint8)]

    def read(data: bytes) -> None:
        path.write_bytes(data)
        for part in (graph, metadata, external_files):
            try:
                part(memoryview(data))
            except ValueError:  # what these three promise
                continue
        model = AttributeModel.load(path, "cpu")
        if model.metadata.input.height * model.metadata.input.width < 1e6:
            assert np.isfinite(model.probabilities(crops)).all()

    return [seed], read


def metadata_texts(work: Path) -> Target:
    """The texts in the metadata of attribute models and of detectors."""
    own = metadata(memoryview(tiny_model(work / "m.onnx").read_bytes()))["harcli"]
    yolo = {"names": "{0: 'person', 1: 'dog'}", "imgsz": "[640, 640]", "task": "detect"}
    yolo["harcli-detector"] = json.dumps({"format": 1, "confidence": 0.3, "name": "d"})

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        for key in yolo:
            if text[:3] != '{"f' or key == "harcli-detector":
                try:
                    YoloMetadata.read(yolo | {key: text}, Path("d.onnx"))
                except HarcliError:
                    continue
        ModelMetadata.from_json(text, "m.onnx")

    return [own.encode()], read


def lists(work: Path) -> Target:
    """Lists of paths on standard input."""
    text = "a.jpg\nf\xf6lder/b.jpg\r\n\nc d.png\n"
    forms = ("utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    seeds = [*(text.encode(form) for form in forms), b"a.jpg\0b/c.jpg\0", b".\0./a.jpg\0"]

    return seeds, lambda data: paths_from(io.BytesIO(data))


def ignored(work: Path) -> Target:
    """A `.harcliignore`, asked about names that its patterns nearly fit."""
    names = ["a" * 200 + "b", "x/y/z.jpg", "Thumbs", "f\xf6lder/b.jpg", "a*[b]", "\udcff.jpg"]

    def read(data: bytes) -> None:
        (work / FILE_NAME).write_bytes(data)
        rules = Rules().inside(work, read_patterns(work / FILE_NAME))
        for name in names:
            rules.leave_out(work / name, False)
            rules.leave_out(work / name, True)

    return [b"*.jpg\n!keep.jpg\n/a/**/b\n[a-z]*[!x]?\n# note\nbuild/\na*a*a*b\n\\#x\n"], read


def queries(work: Path) -> Target:
    """Queries, over a record."""

    def read(data: bytes) -> None:
        query = parse(data.decode("utf-8", "replace"), _NAMES)
        query.matches(_record("a.jpg"))

    return [b"hat and not (jeans or female) and hat > 0.5", b"female >= 0.25 or not not jeans < 1"], read


def tables(work: Path) -> Target:
    """A CSV of one's own, as data."""
    path = work / "m.csv"
    (work / "1.jpg").write_bytes(_saved("JPEG"))
    text = "path,hat,jeans,part\n1.jpg,1.0,,train\n1.jpg,0.0,NaN,test\n1.jpg,yes,no,val\n"
    numbered = "".join(f"{i or ''},{line}\n" for i, line in enumerate(text.split()))

    def read(data: bytes) -> None:
        path.write_bytes(data)
        manifest.load(path)

    forms = (text, text.replace(",", ";"), numbered)
    return [*(form.encode() for form in forms), text.encode("utf-16")], read


TARGETS: dict[str, Callable[[Path], Target]] = {
    **{"photos": photos, "sidecars": sidecars, "embedded": embedded, "stores": stores, "results": results},
    **{"models": models, "metadata": metadata_texts, "lists": lists, "ignored": ignored, "queries": queries},
    "tables": tables,
}
