"""The layout of each form, and that a file appears whole or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.outputs import FORMATS, OutputOptions, open_output
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo, Seen

INFO = RunInfo((AttributeSpec("male", "sex", 0.5), AttributeSpec("hat", "head", 0.4)), "/photos", "1.0")
PERSON = Record(
    "p.jpg", 640, 480, 1, (0.04, 1.26, 639.96, 480.0), 0.98765, ("male", "hat"), {"male": 0.12345, "hat": 1.0}
)
FOLLOWED = Record(
    *("v.mp4", 640, 480, 1, (1.0, 2.0, 3.0, 4.0), 0.5, (), {"male": 0.1, "hat": 0.2}), seen=Seen(3, 0.0, 62.0, 1.5)
)
RECORDS = [PERSON, Record("empty.jpg", 10, 20), Record("bad.jpg", error="the file is empty")]


def write(target: Path, records: list[Record], info: RunInfo = INFO, **options: bool) -> Path:
    with open_output(target, info, OutputOptions(**options)) as sink:  # type: ignore[arg-type]
        for record in records:
            sink.write(record)
    return target


def test_csv_layout(tmp_path: Path) -> None:
    assert write(tmp_path / "out.csv", [*RECORDS, FOLLOWED]).read_text() == (
        "path,width,height,person,x1,y1,x2,y2,score,tags,error,male,hat,note,time_start,time_end,time_best,track\n"
        f"p.jpg,640,480,1,0.0,1.3,640.0,480.0,0.9877,male;hat,,{0.12345:.4f},1.0000,,,,,\n"
        "empty.jpg,10,20,0,,,,,,,,,,,,,,\n"
        "bad.jpg,,,0,,,,,,,the file is empty,,,,,,,\n"
        "v.mp4,640,480,1,1.0,2.0,3.0,4.0,0.5000,,,0.1000,0.2000,,0.00,62.00,1.50,3\n"
    )


def test_long_csv_layout(tmp_path: Path) -> None:
    nobody = Record("p.jpg", 640, 480, 2, (1.0, 2.0, 3.0, 4.0), 0.5, (), {"male": 0.1, "hat": 0.2})
    assert write(tmp_path / "out.csv", [*RECORDS, nobody], long=True).read_text() == (
        "path,width,height,person,x1,y1,x2,y2,score,attribute,group,probability,threshold,tag,error,note,time_start,time_end,time_best,track\n"
        f"p.jpg,640,480,1,0.0,1.3,640.0,480.0,0.9877,male,sex,{0.12345:.4f},0.5000,true,,,,,,\n"
        "p.jpg,640,480,1,0.0,1.3,640.0,480.0,0.9877,hat,head,1.0000,0.4000,true,,,,,,\n"
        "empty.jpg,10,20,0,,,,,,,,,,,,,,,,\n"
        "bad.jpg,,,0,,,,,,,,,,,the file is empty,,,,,\n"
        "p.jpg,640,480,2,1.0,2.0,3.0,4.0,0.5000,male,sex,0.1000,0.5000,false,,,,,,\n"
        "p.jpg,640,480,2,1.0,2.0,3.0,4.0,0.5000,hat,head,0.2000,0.4000,false,,,,,,\n"
    )


def test_a_person_without_attributes_stays_in_the_long_form(tmp_path: Path) -> None:
    person = Record("p.jpg", 640, 480, 1, (0.0, 1.0, 2.0, 3.0), 0.9, (), {})
    lines = write(tmp_path / "out.csv", [person], RunInfo((), "/"), long=True).read_text().splitlines()
    assert lines[1:] == ["p.jpg,640,480,1,0.0,1.0,2.0,3.0,0.9000,,,,,,,,,,,"]


def test_csv_that_a_spreadsheet_does_not_run(tmp_path: Path) -> None:
    records = [Record("=cmd|x.jpg", error="+1"), Record("-2.jpg", 1, 1), Record("a=b.jpg", 1, 1), Record("'t is.jpg")]
    low = Record("@p.jpg", 5, 5, 1, (-1.5, 0.0, 2.0, 3.0), 0.5, ("=sum",), {"=sum": 1.0})
    info = RunInfo((AttributeSpec("=sum", "own", 0.5),), "/")
    safe = write(tmp_path / "safe.csv", [*records, low], info, csv_safe=True).read_text(encoding="utf-8-sig")
    assert safe.splitlines() == [
        "path,width,height,person,x1,y1,x2,y2,score,tags,error,'=sum,note,time_start,time_end,time_best,track",
        *(
            "'=cmd|x.jpg,,,0,,,,,,,'+1,,,,,,",
            "'-2.jpg,1,1,0,,,,,,,,,,,,,",
            "a=b.jpg,1,1,0,,,,,,,,,,,,,",
            "''t is.jpg,,,0,,,,,,,,,,,,,",
        ),
        "'@p.jpg,5,5,1,-1.5,0.0,2.0,3.0,0.5000,'=sum,,1.0000,,,,,",
    ]
    assert "\n=cmd|x.jpg," in write(tmp_path / "as_is.csv", records, info).read_text()


@pytest.mark.parametrize("long", [False, True])
def test_excel_is_told_that_csv_is_utf8(tmp_path: Path, long: bool) -> None:
    """Without the mark a double click shows `MÃ¼ller`."""
    records = [Record("Müller.jpg", 1, 1)]
    safe = write(tmp_path / "safe.csv", records, csv_safe=True, long=long).read_bytes()
    plain = write(tmp_path / "plain.csv", records, long=long).read_bytes()
    assert safe == b"\xef\xbb\xbf" + plain
    assert plain.startswith(b"path,")


def test_json_layout(tmp_path: Path) -> None:
    result = json.loads(write(tmp_path / "out.JSON", RECORDS).read_text())
    assert result["harcli"] == INFO.as_json()
    person, empty, bad = result["records"]
    assert person == {
        **{"path": "p.jpg", "width": 640, "height": 480, "person": 1, "x1": 0.0, "y1": 1.3, "x2": 640.0, "y2": 480.0},
        **{"score": 0.9877, "tags": ["male", "hat"], "error": None},
        "probabilities": {"male": round(0.12345, 4), "hat": 1.0},
        **dict.fromkeys(("note", "time_start", "time_end", "time_best", "track")),
    }
    assert (empty["person"], empty["x1"], empty["tags"], empty["error"]) == (0, None, [], None)
    assert (bad["width"], bad["probabilities"], bad["error"]) == (None, None, "the file is empty")


def test_json_lines_are_the_records_of_json(tmp_path: Path) -> None:
    records = json.loads(write(tmp_path / "a.json", RECORDS).read_text())["records"]
    lines = write(tmp_path / "a.jsonl", RECORDS).read_text().splitlines()
    assert [json.loads(line) for line in lines] == records
    long = [json.loads(line) for line in write(tmp_path / "l.ndjson", RECORDS, long=True).read_text().splitlines()]
    assert [(line["path"], line["attribute"], line["tag"]) for line in long] == [
        *(("p.jpg", "male", True), ("p.jpg", "hat", True), ("empty.jpg", None, None), ("bad.jpg", None, None)),
    ]


def test_nothing_at_all(tmp_path: Path) -> None:
    assert write(tmp_path / "out.csv", []).read_text().count("\n") == 1
    assert json.loads(write(tmp_path / "out.json", []).read_text()) == {"harcli": INFO.as_json(), "records": []}
    assert write(tmp_path / "out.jsonl", []).read_text() == ""


@pytest.mark.parametrize("ending", FORMATS)
def test_after_a_failure_the_old_file_stays(tmp_path: Path, ending: str) -> None:
    if ending == ".parquet":
        pytest.importorskip("pyarrow", reason="Parquet needs pip install '.[parquet]'")
    target = tmp_path / f"out{ending}"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), open_output(target, INFO, OutputOptions()) as sink:
        sink.write(PERSON)
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == [target.name]


def test_an_error_of_the_database_is_told(tmp_path: Path) -> None:
    full = pytest.raises(HarcliError, match=r"a\.db: writing failed \(disk is full\)")
    with full, open_output(tmp_path / "a.db", INFO, OutputOptions()):
        raise sqlite3.OperationalError("disk is full")
    assert os.listdir(tmp_path) == []


def test_only_the_database_says_where_the_photos_lie(tmp_path: Path) -> None:
    info = RunInfo(INFO.attributes, "/home/secret")
    for ending in FORMATS:
        if ending == ".parquet":
            pytest.importorskip("pyarrow", reason="Parquet needs pip install '.[parquet]'")
        content = write(tmp_path / f"out{ending}", RECORDS, info).read_bytes()
        assert (b"/home/secret" in content) == (ending in (".db", ".sqlite", ".sqlite3"))
