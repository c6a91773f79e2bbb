"""An SQLite file gives back what was written into it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.results.database import DatabaseSink, Results

INFO = RunInfo(
    tuple(AttributeSpec(name, "group", 0.5) for name in ("long-hair", "Hat", "hat", "score", 'quo"te')),
    "/photos",
    "1.0",
    {"name": "m"},
    {"name": "d", "confidence": 0.4},
)
VALUES = dict(zip(INFO.names, (0.1, 0.2, 0.3, 0.4, 1.0), strict=True))
RECORDS = [
    Record("a.jpg", 640, 480, 1, (0.0, 1.3, 640.0, 480.0), 0.9877, ("long-hair", "hat"), VALUES),
    Record("a.jpg", 640, 480, 2, (5.0, 1.0, 6.0, 8.0), 0.5, (), VALUES),
    Record("line\nbreak é漢.jpg", 10, 20),
    Record(os.fsdecode(b"\xff\xfe.jpg"), error="the file is empty"),
]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "attrs.db"
    with DatabaseSink(path, INFO) as sink:
        for record in RECORDS:
            sink.write(record)
    return path


def test_records_come_back(database: Path) -> None:
    with Results(database) as results:
        assert list(results.records()) == RECORDS
        assert results.info == INFO
        assert len(results) == 4
        assert [len(photo) for photo in results.photos()] == [2, 1, 1]
        assert results.locate("a.jpg") == Path("/photos/a.jpg")


def test_a_file_from_before_there_were_notes(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("ALTER TABLE records RENAME COLUMN note TO other")
    with Results(database) as results:
        assert list(results.records()) == RECORDS


def test_one_table_with_the_columns_of_csv(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(
            'SELECT path, tags, "long-hair", hat_2, score_2 FROM records WHERE person > 0'
        ).fetchall()
    assert tuple(rows[0]) == ("a.jpg", "long-hair;hat", 0.1, 0.3, 0.4)


def test_same_photo_twice_is_two_photos(tmp_path: Path) -> None:
    with DatabaseSink(tmp_path / "x.db", INFO) as sink:
        for _ in range(2):
            sink.write(RECORDS[2])
    with Results(tmp_path / "x.db") as results:
        assert len(list(results.photos())) == 2


@pytest.mark.parametrize("content", [None, b"", b"no database", b"SQLite format 3\x00 but broken"])
def test_other_files_are_refused_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HarcliError, match=r"x\.db: ") as caught:
        Results(path)
    assert "\n" not in str(caught.value)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (a)")
    with pytest.raises(HarcliError, match="not results of harcli"):
        Results(tmp_path / "x.db")
