"""What `fuzz.py` changes, and who reads it: for each reader good files, and a function that reads one.

A target is a function of a folder to work in: it gives the good files as bytes, and what reads such bytes.
Those that read photos and sidecars are in `fuzz_photos.py`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from fuzz_photos import INFO, NAMES, Target, embedded, photos, record_of, saved, sidecars
from watched import tiny_model

from harcli.datasets import manifest
from harcli.errors import HarcliError
from harcli.people.yolo_metadata import YoloMetadata
from harcli.photos.ignore import FILE_NAME, Rules, read_patterns
from harcli.photos.listing import paths_from
from harcli.recognition.metadata import ModelMetadata
from harcli.recognition.model import AttributeModel
from harcli.results import Record
from harcli.results.database import DatabaseSink, Results
from harcli.results.query import parse
from harcli.runtime.onnx_wire import external_files, graph, metadata
from harcli.tagging.content import Identity
from harcli.tagging.finding import Finding, Person
from harcli.tagging.settings import Settings
from harcli.tagging.store import Store
from harcli.tagging.store_contents import contents


def stores(work: Path) -> Target:
    """A store: what still holds is given, nothing else."""
    path, photo = work / "store.db", work / "p.jpg"
    photo.write_bytes(saved("JPEG"))
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
    with DatabaseSink(path, INFO) as sink:
        for i in range(30):
            sink.write(record_of(f"{i}.jpg"))
        sink.write(Record("bad.jpg", error="damaged"))
    query = parse("hat and not jeans", NAMES)

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
        query = parse(data.decode("utf-8", "replace"), NAMES)
        query.matches(record_of("a.jpg"))

    return [b"hat and not (jeans or female) and hat > 0.5", b"female >= 0.25 or not not jeans < 1"], read


def tables(work: Path) -> Target:
    """A CSV of one's own, as data."""
    path = work / "m.csv"
    (work / "1.jpg").write_bytes(saved("JPEG"))
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
