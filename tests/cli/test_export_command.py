"""`harcli export` as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.results.database import DatabaseSink, Results

Rows = Callable[[Path], list[dict[str, str]]]
NAMES = ("hat", "sunglasses")
RECORDS = [
    Record("photos/a.jpg", 640, 480, 1, (1.0, 2.0, 3.0, 4.0), 0.9, ("hat",), {"hat": 0.9, "sunglasses": 0.1}),
    Record("photos/a.jpg", 640, 480, 2, (5.0, 2.0, 7.0, 4.0), 0.8, NAMES, {"hat": 0.8, "sunglasses": 0.7}),
    Record("photos/nobody.jpg", 10, 20),
    Record("photos/bad.jpg", error="the file is empty"),
    Record(os.fsdecode(b"photos/\xff\n.jpg"), 9, 9, 1, (1.0, 2.0, 3.0, 4.0), 0.7, ("hat",), dict.fromkeys(NAMES, 0.6)),
]


def make(path: Path, records: list[Record]) -> Path:
    info = RunInfo(tuple(AttributeSpec(name, "head", 0.5) for name in NAMES), str(path.parent), "1.0")
    with DatabaseSink(path, info) as sink:
        for record in records:
            sink.write(record)
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make(tmp_path / "attrs.db", RECORDS)


def test_several_forms_at_once(harcli: Callable, database: Path, rows: Rows, tmp_path: Path) -> None:
    done = harcli("export", database, "--out", "a.csv", "-o", "a.coco.json", "-o", "b.db", "-o", "a.jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [f"{name}: 5 records" for name in ("a.csv", "a.coco.json", "b.db", "a.jsonl")]
    assert [row["path"] for row in rows(tmp_path / "a.csv")] == [record.path for record in RECORDS]
    assert len(json.loads((tmp_path / "a.coco.json").read_text())["annotations"]) == 3
    with Results(tmp_path / "b.db") as copy, Results(database) as original:
        assert list(copy.records()) == RECORDS
        assert copy.info == original.info


def test_only_people_who_fit(harcli: Callable, database: Path, rows: Rows, tmp_path: Path) -> None:
    done = harcli("export", database, "--out", "a.csv", "--where", "hat and not sunglasses")
    assert done.stderr == "a.csv: 2 records\n"
    fit = [RECORDS[0], RECORDS[4]]
    assert [(row["path"], row["person"]) for row in rows(tmp_path / "a.csv")] == [(r.path, str(r.person)) for r in fit]
    assert harcli("export", database, "--out", "b.csv", "--where", "not hat").stderr == "b.csv: 0 records\n"
    assert rows(tmp_path / "b.csv") == [], "who is not there has no hat either, but nobody asked for that"
    wrong = harcli("export", database, "--out", "c.csv", "--where", "hat and hta")
    assert wrong.returncode == 1
    assert "hta" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert harcli("export", database, "--out", "c.csv", "--where", "").returncode == 1, "an empty variable of a script"
    assert not (tmp_path / "c.csv").exists()


def test_to_standard_output(harcli: Callable, database: Path) -> None:
    done = harcli("export", database, "--out", "-", "--format", "jsonl", "--long")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["person"], line["attribute"], line["tag"]) for line in lines[:4]] == [
        *((1, "hat", True), (1, "sunglasses", False), (2, "hat", True), (2, "sunglasses", True)),
    ]
    assert len(lines) == 8


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes: run this on Linux or macOS")
def test_into_head(tmp_path: Path) -> None:
    make(tmp_path / "many.db", RECORDS * 2000)
    command = [sys.executable, "-m", "harcli", "export", tmp_path / "many.db", "--out", "-", "--format", "csv"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().startswith(b"path,")
    process.stdout.close()
    assert (process.stderr.read(), process.wait(60)) == (b"", 141)


def test_paths_and_cells(harcli: Callable, tmp_path: Path, rows: Rows) -> None:
    make(tmp_path / "attrs.db", [Record("=1.jpg", 1, 1)])
    (tmp_path / "out").mkdir()
    for style, path in (("named", "'=1.jpg"), ("absolute", f"{tmp_path}/=1.jpg"), ("relative", "../=1.jpg")):
        assert harcli("export", "attrs.db", "-o", "out/a.csv", "--csv-safe", "--paths", style).returncode == 0
        assert [row["path"] for row in rows(tmp_path / "out/a.csv")] == [path]


def test_for_excel_on_standard_output(harcli: Callable, tmp_path: Path) -> None:
    make(tmp_path / "attrs.db", [Record("Müller.jpg", 1, 1)])
    done = harcli("export", "attrs.db", "-o", "-", "--format", "csv", "--csv-safe", text=False)
    assert done.stdout.startswith(b"\xef\xbb\xbfpath,")
    assert "\nMüller.jpg,".encode() in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["attrs.db"], "--out", 2),
        (["attrs.db", "--out", "a.xlsx"], "a.xlsx", 2),
        (["attrs.db", "--out", "-"], "--format", 2),
        (["attrs.db", "--out", "a.json", "--long"], "long", 2),
        (["attrs.db", "--out", "a.csv", "--out", "./a.csv"], "twice", 2),
        (["attrs.db", "--out", "./attrs.db"], "another", 2),
        (["attrs.db", "--out", "gone/a.csv"], "there is no folder", 1),
        (["gone.db", "--out", "a.csv"], "gone.db: cannot be read", 1),
        (["text.db", "--out", "a.csv"], "not an SQLite file", 1),
    ],
)
def test_mistakes(harcli: Callable, database: Path, tmp_path: Path, arguments: list[str], said: str, code: int) -> None:
    (tmp_path / "text.db").write_text("no database")
    before = database.read_bytes()
    done = harcli("export", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert code == 2 or done.stderr.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == ["attrs.db", "text.db"]
    assert database.read_bytes() == before


def test_each_file_takes_the_options_that_its_form_has(harcli: Callable, database: Path, tmp_path: Path) -> None:
    done = harcli("export", database, "--out", "a.csv", "--out", "a.json", "--out", "a.jsonl", "--long", "--csv-safe")
    assert done.returncode == 0, done.stderr
    assert (
        (tmp_path / "a.csv")
        .read_bytes()
        .startswith(b"\xef\xbb\xbfpath,width,height,person,x1,y1,x2,y2,score,attribute,")
    )
    assert '"attribute"' in (tmp_path / "a.jsonl").read_text()
    assert "records" in json.loads((tmp_path / "a.json").read_text())
    for option, out in (("--long", "a.json"), ("--csv-safe", "a.jsonl")):
        assert harcli("export", database, "--out", out, option).returncode == 2
