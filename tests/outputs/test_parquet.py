"""Parquet files have types, say what they were made with, and need no more memory for more records."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from harcli.outputs import OutputOptions, open_output
from harcli.outputs import parquet as module
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo

parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs pip install '.[parquet]'")

INFO = RunInfo((AttributeSpec("male", "sex", 0.5), AttributeSpec("hat", "head", 0.4)), "/photos", "1.0")
PERSON = Record("é.jpg", 640, 480, 1, (0.0, 1.3, 640.0, 480.0), 0.9877, ("hat",), {"male": 0.1235, "hat": 1.0})
FIXED = {
    **{"path": "string", "width": "int32", "height": "int32", "person": "int32"},
    **dict.fromkeys(("x1", "y1", "x2", "y2", "score"), "double"),
}
LAST = {
    **{"note": "string", "time_start": "double", "time_end": "double", "time_best": "double", "track": "int32"},
    "path_bytes": "binary",
}


def write(target: Path, records: list[Record], *, long: bool = False) -> Path:
    with open_output(target, INFO, OutputOptions(long=long)) as sink:
        for record in records:
            sink.write(record)
    return target


def types(path: Path) -> dict[str, str]:
    return {field.name: str(field.type) for field in parquet.read_schema(path)}


def test_columns_have_types(tmp_path: Path) -> None:
    wide = types(write(tmp_path / "wide.parquet", [PERSON]))
    assert wide.pop("tags").startswith("list<")
    assert wide == FIXED | {
        "error": "string",
        "male": "double",
        "hat": "double",
        **LAST,
    }
    assert types(write(tmp_path / "long.parquet", [PERSON], long=True)) == FIXED | {
        **{"attribute": "string", "group": "string", "probability": "double", "threshold": "double", "tag": "bool"},
        **{"error": "string"},
        **LAST,
    }


def test_what_is_empty_is_null(tmp_path: Path) -> None:
    file = write(tmp_path / "x.parquet", [PERSON, Record("b.jpg", error="the file is empty")])
    person, bad = parquet.read_table(file).to_pylist()
    assert (person["tags"], person["error"], person["hat"]) == (["hat"], None, 1.0)
    assert (bad["tags"], bad["error"], bad["hat"], bad["width"], bad["x1"]) == (
        [],
        "the file is empty",
        None,
        None,
        None,
    )


def test_a_path_that_is_not_utf8(tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff.jpg")
    file = write(tmp_path / "x.parquet", [PERSON, Record(odd, 1, 1), Record("b.jpg", error=f"{odd} is odd")])
    rows = parquet.read_table(file).to_pylist()
    assert [(row["path"], row["path_bytes"]) for row in rows[:2]] == [("é.jpg", None), ("\\xff.jpg", b"\xff.jpg")]
    assert rows[2]["error"] == "\\xff.jpg is odd"


def test_the_file_says_what_it_was_made_with(tmp_path: Path) -> None:
    metadata = parquet.read_schema(write(tmp_path / "x.parquet", [])).metadata
    assert json.loads(metadata[b"harcli"]) == INFO.as_json()


def test_rows_are_written_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROW_GROUP", 4)
    file = parquet.ParquetFile(write(tmp_path / "x.parquet", [PERSON] * 10))
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 4, 2]
    assert parquet.read_table(write(tmp_path / "none.parquet", [])).num_rows == 0
