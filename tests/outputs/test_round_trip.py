"""Every form read back gives the same records, whatever the names are."""

from __future__ import annotations

import csv
import itertools
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from harcli.outputs import OutputOptions, open_output
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo, Seen
from harcli.results.database import Results

NAMES = ("male", "long-hair", "hat", "Hat", "score", "label", 'quo"te', "=sum", "tag", "group")
TIMES = ("time_start", "time_end", "time_best")
INFO = RunInfo(tuple(AttributeSpec(name, "group", 0.5) for name in NAMES), "/photos", "1.0")
ODD = [
    *("a,b.jpg", 'a"b.jpg', "a;b.jpg", "line\nbreak.jpg", "carriage\rreturn.jpg", "é漢🎩.jpg", " x ", "", "'x.jpg"),
    *("=1+1.jpg", "+1.jpg", "-1.jpg", "@x.jpg", "\tx.jpg", "\rx.jpg", "\nx.jpg", "'=x.jpg", "''.jpg"),
    *("<script>alert(1)</script>.jpg", "\\xff.jpg", "\\udcff.jpg", "NULL", "\u2028.jpg", "\x01.jpg"),
    *(os.fsdecode(b"\xff\xfe.jpg"), os.fsdecode(b"\xc3(.jpg"), os.fsdecode("é".encode() + b"\xff")),
]


def records(name: str) -> list[Record]:
    low = dict.fromkeys(NAMES, 0.25)
    high = dict(zip(NAMES, (0.5, 0.1234, 1.0, 0.0, 0.75, 0.9, 0.6, 0.5, 0.3, 0.2), strict=True))
    return [
        Record(name, 640, 480, 1, (0.0, 1.3, 639.9, 480.0), 0.9877, ("male", "hat", "label", "=sum"), high),
        Record(name, 640, 480, 2, (100.1, 200.2, 300.3, 400.4), 0.5, (), low),
        Record("nobody-" + name, 10, 20, note="cut off at its end"),
        Record("other.jpg", 640, 480, 3, (0.1, 0.2, 0.3, 0.4), 0.5, ("score",), high),
        Record("v.mp4", 640, 480, 1, (0.1, 0.2, 0.3, 0.4), 0.5, ("score",), high, seen=Seen(2, 0.04, 3600.5, 7.0)),
        Record("bad-" + name, error="the file is empty"),
        Record("worse.jpg", error="=" + name.encode("utf-8", "replace").decode()),
    ]


def record(row: dict[str, Any], tags: Iterable[str], probabilities: Iterable[float]) -> Record:
    """From the fixed columns, with None where nothing is."""
    box = tuple(row[name] for name in ("x1", "y1", "x2", "y2"))
    return Record(
        *(row["path"], row["width"], row["height"], row["person"]),
        box=None if box[0] is None else box,  # type: ignore[arg-type]
        score=row["score"],
        tags=tuple(tags),
        probabilities=dict(zip(NAMES, probabilities, strict=True)) if row["person"] else None,
        error=row["error"] or "",
        note=row["note"] or "",
        seen=seen(row) if row["track"] else None,
    )


def seen(row: dict[str, Any]) -> Seen:
    return Seen(int(row["track"]), *(float(row[name]) for name in TIMES))


def numbers(row: dict[str, str], names: Iterable[str]) -> dict[str, Any]:
    return {**row, **{name: float(row[name]) if row[name] else None for name in names}}


def read_csv_rows(path: Path, safe: bool) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        for row in csv.DictReader(stream):
            plain = {name: cell.removeprefix("'") if safe else cell for name, cell in row.items()}
            for name in ("width", "height", "person"):
                plain[name] = int(plain[name]) if plain[name] else None  # type: ignore[assignment]
            yield numbers(plain, ("x1", "y1", "x2", "y2", "score"))


def read_csv(path: Path, safe: bool = False) -> list[Record]:
    return [
        record(row, filter(None, row["tags"].split(";")), map(float, filter(None, list(row.values())[11:-5])))
        for row in read_csv_rows(path, safe)
    ]


def read_json(path: Path) -> list[Record]:
    rows = json.loads(path.read_text())["records"]
    return [record(row, row["tags"], (row["probabilities"] or {}).values()) for row in rows]


def read_jsonl(path: Path) -> list[Record]:
    rows = [json.loads(line) for line in path.read_text().split("\n")[:-1]]
    return [record(row, row["tags"], (row["probabilities"] or {}).values()) for row in rows]


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    rows = parquet.read_table(path).to_pylist()
    for row in rows:
        raw = row.pop("path_bytes")
        row["path"] = row["path"] if raw is None else os.fsdecode(raw)
    return rows


def read_parquet(path: Path) -> list[Record]:
    return [record(row, row["tags"], list(row.values())[11:-5]) for row in parquet_rows(path)]


def read_database(path: Path) -> list[Record]:
    with Results(path) as results:
        assert results.info.attributes == INFO.attributes
        return list(results.records())


def read_coco(path: Path) -> list[Record]:
    content = json.loads(path.read_text())
    found = []
    for image in content["images"]:
        about = (image["file_name"], image["width"], image["height"])
        mine = [a for a in content["annotations"] if a["image_id"] == image["id"]]
        for annotation in mine:
            x, y, width, height = annotation["bbox"]
            tags = itertools.compress(NAMES, annotation["attributes"].values())
            box = (x, y, round(x + width, 1), round(y + height, 1))
            person = (annotation["person"], box, annotation["score"], tuple(tags), annotation["probabilities"])
            found.append(Record(*about, *person, seen=seen(annotation) if "track" in annotation else None))
        if not mine:
            found.append(Record(*about, note=image.get("note", "")))
    return found + [Record(file["file_name"], error=file["error"]) for file in content["unreadable"]]


def from_long(rows: Iterable[dict[str, Any]]) -> list[Record]:
    """A row per person and attribute to one record per person."""
    found = []
    for _, group in itertools.groupby(rows, key=lambda row: (row["path"], row["person"])):
        mine = list(group)
        tags = [row["attribute"] for row in mine if row["tag"] in (True, "true")]
        found.append(record(mine[0], tags, [float(row["probability"]) for row in mine if row["attribute"]]))
    return found


def read_long_csv(path: Path) -> list[Record]:
    return from_long(read_csv_rows(path, safe=False))


def read_long_jsonl(path: Path) -> list[Record]:
    return from_long(json.loads(line) for line in path.read_text().split("\n")[:-1])


def read_long_parquet(path: Path) -> list[Record]:
    return from_long(parquet_rows(path))


FORMS: dict[str, tuple[str, OutputOptions, Callable[[Path], list[Record]]]] = {
    "csv": ("x.csv", OutputOptions(), read_csv),
    "csv, safe": ("x.csv", OutputOptions(csv_safe=True), lambda path: read_csv(path, safe=True)),
    "csv, long": ("x.csv", OutputOptions(long=True), read_long_csv),
    "json": ("x.json", OutputOptions(), read_json),
    "jsonl": ("x.jsonl", OutputOptions(), read_jsonl),
    "jsonl, long": ("x.jsonl", OutputOptions(long=True), read_long_jsonl),
    "parquet": ("x.parquet", OutputOptions(), read_parquet),
    "parquet, long": ("x.parquet", OutputOptions(long=True), read_long_parquet),
    "sqlite": ("x.db", OutputOptions(), read_database),
    "coco": ("x.coco.json", OutputOptions(), read_coco),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ODD)
def test_records_come_back(tmp_path: Path, form: str, name: str) -> None:
    if form.startswith("parquet"):
        pytest.importorskip("pyarrow", reason="Parquet needs pip install '.[parquet]'")
    file, options, read = FORMS[form]
    expected = records(name)
    with open_output(tmp_path / file, INFO, options) as sink:
        for each in expected:
            sink.write(each)
    if form == "coco":  # which lists the unreadable ones last
        expected.sort(key=lambda each: bool(each.error))
    assert read(tmp_path / file) == expected


@pytest.mark.parametrize("folder", ["é漢", os.fsdecode(b"\xff"), "line\nbreak"])
@pytest.mark.parametrize("form", FORMS)
def test_in_a_folder_with_an_odd_name(tmp_path: Path, form: str, folder: str) -> None:
    if form.startswith("parquet"):
        pytest.importorskip("pyarrow", reason="Parquet needs pip install '.[parquet]'")
    file, options, read = FORMS[form]
    try:
        (tmp_path / folder).mkdir()
    except OSError:
        pytest.skip("this file system takes only names in UTF-8: run this on Linux, on ext4 for example")
    target = tmp_path / folder / file
    with open_output(target, INFO, options) as sink:
        sink.write(Record("a.jpg", 1, 2))
    if form.startswith("parquet"):  # pyarrow itself opens only names in UTF-8
        target = target.rename(tmp_path / file)
    assert read(target) == [Record("a.jpg", 1, 2)]
