"""Results that are damaged, changed by hand or of another kind end in one line, whoever reads them."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harcli.errors import HarcliError
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.results.database import DatabaseSink, Results

INFO = RunInfo((AttributeSpec("hat", "head", 0.5), AttributeSpec("bag", "carried", 0.5)), ".", "0", {}, {})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "r.db"
    with DatabaseSink(path, INFO) as sink:
        for i in range(3):
            chances = {"hat": 0.9, "bag": 0.1}
            sink.write(Record(f"{i}.jpg", 20, 30, 1, (1.0, 2.0, 3.0, 4.0), 0.5, ("hat",), chances))
        sink.write(Record("none.jpg", 20, 30))
        sink.write(Record("bad.jpg", error="not a photo"))
    return path


ABOUT = INFO.as_json()


def about(**changes: object) -> tuple[str, str]:
    return "UPDATE harcli SET value = ? WHERE key = 'about'", json.dumps({**ABOUT, **changes})


EDITS: dict[str, tuple[str, ...]] = {
    "probability in words": ("UPDATE records SET hat = 'high'",),
    "probability missing": ("UPDATE records SET hat = NULL",),
    "probability without end": ("UPDATE records SET hat = 9e999",),
    "probability above 1": ("UPDATE records SET hat = 7",),
    "probability of bytes": ("UPDATE records SET hat = x'00'",),
    "score in words": ("UPDATE records SET score = 'good'",),
    "score missing": ("UPDATE records SET score = NULL",),
    "box without end": ("UPDATE records SET x2 = 9e999",),
    "box in part": ("UPDATE records SET x1 = NULL",),
    "box in words": ("UPDATE records SET y1 = 'top'",),
    "box backwards": ("UPDATE records SET x1 = 10",),
    "person in words": ("UPDATE records SET person = 'two'",),
    "person missing": ("UPDATE records SET person = NULL",),
    "person below 0": ("UPDATE records SET person = -1",),
    "width in words": ("UPDATE records SET width = 'wide'",),
    "width below 0": ("UPDATE records SET width = -2",),
    "height missing": ("UPDATE records SET height = NULL",),
    "path missing": ("UPDATE records SET path = NULL",),
    "path of bytes": ("UPDATE records SET path = x'ff'",),
    "path no UTF-8": ("UPDATE records SET path = CAST(x'ff' AS TEXT)",),
    "path_bytes of text": ("UPDATE records SET path_bytes = 'a'",),
    "tags missing": ("UPDATE records SET tags = NULL",),
    "tags unknown": ("UPDATE records SET tags = 'spaceship'",),
    "tags of two lines": ("UPDATE records SET tags = 'space\nship'",),
    "tags a number": ("UPDATE records SET tags = x'01'",),
    "error of bytes": ("UPDATE records SET error = x'00'",),
    "note of bytes": ("UPDATE records SET note = x'00'",),
    "a column is missing": ("ALTER TABLE records DROP COLUMN hat",),
    "records are missing": ("DROP TABLE records",),
    "records without end": (
        "DROP TABLE records; CREATE VIEW records AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS rowid, NULL AS path_bytes, 'p' AS path, 1 AS width, 1 AS height, i AS person, 0 AS x1, 0 AS y1, "
        "1 AS x2, 1 AS y2, 1 AS score, '' AS tags, NULL AS error, 1 AS hat, 1 AS bag FROM n",
    ),
    "a value of a gigabyte": ("UPDATE records SET path = CAST(zeroblob(200000000) AS TEXT) WHERE rowid = 1",),
    "attributes are missing": ("DELETE FROM attributes",),
    "one attribute more": ("INSERT INTO attributes VALUES (9, 'x', 'hat', 'g', 0.5)",),
    "no about": ("DELETE FROM harcli",),
    "about is no JSON": ("UPDATE harcli SET value = '{' WHERE key = 'about'",),
    "about is bytes": ("UPDATE harcli SET value = x'ff' WHERE key = 'about'",),
    "about is a number": ("UPDATE harcli SET value = 3 WHERE key = 'about'",),
    "about is a list": ("UPDATE harcli SET value = '[]' WHERE key = 'about'",),
    "about is deep": ("UPDATE harcli SET value = ? WHERE key = 'about'", "[" * 200_000),
    "attributes are a number": about(attributes=3),
    "attributes are words": about(attributes=["hat", "bag"]),
    "an attribute twice": about(attributes=[ABOUT["attributes"][0]] * 2),
    "a threshold of nan": about(attributes=[{**row, "threshold": float("nan")} for row in ABOUT["attributes"]]),
    "a threshold in words": about(attributes=[{**row, "threshold": "low"} for row in ABOUT["attributes"]]),
    "the model is a word": about(model="best"),
    "the model is endless": ("UPDATE harcli SET value = ? WHERE key = 'about'", json.dumps({**ABOUT, "model": {"a": 1}}).replace('"a": 1', '"a": 1e999')),
    "left out is a list": about(left_out=[1]),
    "folder is a number": ("UPDATE harcli SET value = x'00' WHERE key = 'folder'",),
}  # fmt: skip


def edit(path: Path, statement: str, *values: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        if values:
            connection.execute(statement, values)
        else:
            connection.executescript(statement)
    connection.close()


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_an_edit_is_told_in_one_line_or_does_no_harm(file: Path, change: tuple[str, ...]) -> None:
    if change == EDITS["a value of a gigabyte"] and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 cannot tell SQLite the longest value: run this on 3.11 or later")
    edit(file, *change)
    try:
        with Results(file) as results:
            list(results.records())
            len(results)
        survived = True
    except HarcliError as error:
        survived = False
        text = str(error)
    if survived:
        assert change == EDITS["folder is a number"]
    else:
        assert text.startswith(str(file))
        assert "\n" not in text


@pytest.mark.parametrize(
    "command",
    [["export", "r.db", "--out", "a.csv"], ["find", "r.db", "hat"], ["report", "r.db", "--out", "a.html"]],
    ids=lambda command: command[0],
)
def test_the_commands_say_so_and_write_nothing(harcli: Callable, file: Path, command: list[str]) -> None:
    edit(file, "UPDATE records SET hat = 'high'")
    done = harcli(*command)
    assert done.returncode == 1
    assert "damaged (record 1: hat is not in 0..1)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert os.listdir(file.parent) == ["r.db"]


def test_every_kind_of_flipped_bytes(file: Path) -> None:
    whole = file.read_bytes()
    rng = np.random.default_rng(5)
    for i in range(300):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 1 + i % 30):
            data[at] = rng.integers(256)
        file.write_bytes(data[: len(data) if i % 5 else int(rng.integers(0, len(data)))])
        try:
            with Results(file) as results:
                for record in results.records():
                    assert all(0 <= p <= 1 for p in (record.probabilities or {}).values())
        except HarcliError as error:
            text = str(error)
            if "\n" in text:
                pytest.fail(text)


def test_what_is_no_file(tmp_path: Path) -> None:
    paths = [tmp_path, tmp_path / "none.db", Path(os.devnull)]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.db")
        paths.append(tmp_path / "pipe.db")
    for path in paths:
        with pytest.raises(HarcliError):
            Results(path)


def test_views_and_tables_of_ones_own_do_no_harm(file: Path) -> None:
    edit(file, "CREATE VIEW hats AS SELECT path FROM records WHERE hat > 0.5; CREATE TABLE notes (a)")
    with Results(file) as results:
        assert len(list(results.records())) == 5
