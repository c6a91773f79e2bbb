"""What is written can be read back, whatever the names are."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.outputs import open_sink
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo

ODD = [
    "a,b.jpg",
    'a"b.jpg',
    "line\nbreak.jpg",
    "carriage\rreturn.jpg",
    "é漢.jpg",
    os.fsdecode(b"\xff\xfe.jpg"),
    " x ",
    "",
]
INFO = RunInfo((AttributeSpec("male", "sex", 0.5), AttributeSpec("hat", "head", 0.4)), "/photos", "1.0")
PERSON = Record(
    "p.jpg", 640, 480, 1, (0.04, 1.26, 639.96, 480.0), 0.98765, ("male", "hat"), {"male": 0.12345, "hat": 1.0}
)


def written(name: str, records: list[Record]) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape", newline="")
    with open_sink(Path(name), stream, INFO) as sink:
        for record in records:
            sink.write(record)
    stream.flush()
    return raw.getvalue().decode("utf-8", "surrogateescape")


def test_csv_layout() -> None:
    records = [PERSON, Record("empty.jpg", 10, 20), Record("bad.jpg", error="the file is empty")]
    assert written("out.csv", records) == (
        "path,width,height,person,x1,y1,x2,y2,score,tags,error,male,hat\n"
        "p.jpg,640,480,1,0.0,1.3,640.0,480.0,0.9877,male;hat,,0.1235,1.0000\n".replace("0.1235", f"{0.12345:.4f}")
        + "empty.jpg,10,20,0,,,,,,,,,\n"
        "bad.jpg,,,0,,,,,,,the file is empty,,\n"
    )


def test_json_layout() -> None:
    records = [PERSON, Record("empty.jpg", 10, 20), Record("bad.jpg", error="the file is empty")]
    result = json.loads(written("out.JSON", records))
    assert result["harcli"] == INFO.as_json()
    person, empty, bad = result["records"]
    assert person == {
        **{"path": "p.jpg", "width": 640, "height": 480, "person": 1, "x1": 0.0, "y1": 1.3, "x2": 640.0, "y2": 480.0},
        **{"score": 0.9877, "tags": ["male", "hat"], "error": None},
        "probabilities": {"male": round(0.12345, 4), "hat": 1.0},
    }
    assert (empty["person"], empty["x1"], empty["tags"], empty["error"]) == (0, None, [], None)
    assert (bad["width"], bad["probabilities"], bad["error"]) == (None, None, "the file is empty")


def test_nothing_at_all() -> None:
    assert written("out.csv", []).count("\n") == 1
    assert json.loads(written("out.json", [])) == {"harcli": INFO.as_json(), "records": []}


@pytest.mark.parametrize("name", ODD)
def test_odd_names_survive(name: str) -> None:
    records = [Record(name, 1, 1), PERSON]
    lines = list(csv.DictReader(io.StringIO(written("out.csv", records), newline="")))
    assert [line["path"] for line in lines] == [name, "p.jpg"]
    assert json.loads(written("out.json", records))["records"][0]["path"] == name


def test_unknown_ending() -> None:
    with pytest.raises(HarcliError, match=r"\.csv or \.json"):
        open_sink(Path("out.xlsx"), io.StringIO(), INFO)
