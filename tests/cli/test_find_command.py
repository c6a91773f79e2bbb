"""`harcli find`: paths for other programs, whatever they are made of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo, Seen
from harcli.results.database import DatabaseSink

NAMES = ("hat", "sunglasses", "jeans")
STRANGE = [b"line\nbreak.jpg", b"<script>.jpg", b"'quo\"te.jpg", b"\xff\xfe.jpg", "tab\té漢.jpg".encode(), b"-rf.jpg"]

on_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such names, and no terminals like this: run this on Linux or macOS"
)


def person(path: str, number: int, **probabilities: float) -> Record:
    """A person; probabilities from 0.5 on are tags."""
    values = {name: probabilities.get(name, 0.1) for name in NAMES}
    tags = tuple(name for name, value in values.items() if value >= 0.5)
    return Record(path, 640, 480, number, (1.0, 2.25, 30.0, 40.0), 0.98765, tags, values)


def write(path: Path, records: list[Record], folder: Path | None = None) -> Path:
    info = RunInfo(tuple(AttributeSpec(name, "group", 0.5) for name in NAMES), str(folder or path.parent))
    with DatabaseSink(path, info) as sink:
        for record in records:
            sink.write(record)
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return write(
        tmp_path / "attrs.db",
        [
            person("b.jpg", 1, jeans=0.9),
            person("b.jpg", 2, hat=0.8),
            person("b.jpg", 3, hat=0.6, jeans=0.7),
            Record("empty.jpg", 640, 480),
            Record("bad.jpg", error="the file is empty"),
            person("/elsewhere/a.jpg", 1, hat=0.9, sunglasses=0.9),
        ],
    )


@pytest.mark.parametrize(
    ("arguments", "photos"),
    [
        (["hat"], ["b.jpg", "/elsewhere/a.jpg"]),
        (["hat and not sunglasses"], ["b.jpg"]),
        (["hat", "and", "not", "sunglasses"], ["b.jpg"]),
        (["hat and jeans"], ["b.jpg"]),
        (["hat", "--min", "0.85"], ["/elsewhere/a.jpg"]),
        (["jeans < 0.2"], ["b.jpg", "/elsewhere/a.jpg"]),
        (["hat and sunglasses and jeans"], []),
    ],
)
def test_each_photo_once_in_the_order_of_the_results(
    harcli: Callable, database: Path, arguments: list[str], photos: list[str]
) -> None:
    done = harcli("find", database, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == photos


def test_one_line_a_person(harcli: Callable, database: Path) -> None:
    lines = harcli("find", database, "hat", "--people").stdout.splitlines()
    assert [line.split("\t") for line in lines] == [
        ["2", "1.0,2.2,30.0,40.0", "0.9877", "hat", "", "b.jpg"],
        ["3", "1.0,2.2,30.0,40.0", "0.9877", "hat;jeans", "", "b.jpg"],
        ["1", "1.0,2.2,30.0,40.0", "0.9877", "hat;sunglasses", "", "/elsewhere/a.jpg"],
    ]


def test_people_of_videos_are_found_with_their_times_and_by_them(harcli: Callable, tmp_path: Path) -> None:
    seen = [Seen(track, start, start + 9.5, start + 1) for track, start in ((1, 0.0), (2, 8.25), (3, 20.0))]
    people = [replace(person("clip.mp4", one.track, hat=0.9), seen=one) for one in seen]
    write(tmp_path / "attrs.db", [*people, person("photo.jpg", 1, hat=0.9)])

    def found(*query: str) -> list[list[str]]:
        done = harcli("find", "attrs.db", "--people", *query)
        assert done.returncode == 0, done.stderr
        return [line.split("\t")[4:] for line in done.stdout.splitlines()]

    first, second, third = ([f"{one.start:.2f}-{one.end:.2f}", "clip.mp4"] for one in seen)
    assert found("hat") == [first, second, third, ["", "photo.jpg"]]
    assert found("hat and time-start <= 9 and time-end >= 9") == [first, second]
    assert found("time-best > 21", "or", "track = 2") == [second]
    assert found("track = 3 or time-best >= 21") == [third]
    assert found("not track >= 2") == [first, ["", "photo.jpg"]]
    assert harcli("find", "attrs.db", "track = 2").stdout == "clip.mp4\n"


def test_paths_hold_in_the_current_folder(harcli: Callable, database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    done = harcli("find", "../attrs.db", "hat", cwd=other)
    assert done.stdout.splitlines() == [str(tmp_path / "b.jpg"), "/elsewhere/a.jpg"]


@on_posix
def test_xargs_opens_whatever_is_found(harcli: Callable, tmp_path: Path) -> None:
    for name in STRANGE:
        (tmp_path / os.fsdecode(name)).write_bytes(name)
    write(tmp_path / "attrs.db", [person(os.fsdecode(name), 1, hat=0.9) for name in STRANGE])
    found = harcli("find", "attrs.db", "hat", "--print0", text=False).stdout
    shown = subprocess.run(["xargs", "-0", "cat"], input=found, cwd=tmp_path, capture_output=True, check=True)
    assert shown.stdout == b"".join(STRANGE)


@on_posix
def test_people_can_be_taken_apart_whatever_the_path(harcli: Callable, tmp_path: Path) -> None:
    write(tmp_path / "attrs.db", [person(os.fsdecode(name), 1, hat=0.9) for name in STRANGE])
    found = harcli("find", "attrs.db", "hat", "--people", "-0", text=False).stdout
    paths = [line.split(b"\t", 5)[5] for line in found.removesuffix(b"\0").split(b"\0")]
    assert paths == [*STRANGE[:-1], b"./-rf.jpg"]


@on_posix
def test_a_reader_that_has_enough_is_no_failure(tmp_path: Path) -> None:
    write(tmp_path / "attrs.db", [person(f"{'long' * 40}{i}.jpg", 1, hat=0.9) for i in range(5000)])
    command = [sys.executable, "-m", "harcli", "find", "attrs.db", "hat"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@on_posix
def test_on_a_terminal_it_says_that_nobody_fits_and_prints_no_control_characters(tmp_path: Path) -> None:
    write(tmp_path / "attrs.db", [person("red\x1b[31m.jpg", 1, hat=0.9)])
    assert on_terminal(tmp_path, "jeans") == b"harcli: nobody fits\r\n"
    assert on_terminal(tmp_path, "hat") == b"red\\x1b[31m.jpg\r\n"


def on_terminal(folder: Path, query: str) -> bytes:
    """What a terminal shows."""
    import pty

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "harcli", "find", "attrs.db", query]
    subprocess.run(command, cwd=folder, stdout=slave, stderr=slave, timeout=60, check=True)
    os.close(slave)
    with os.fdopen(master, "rb", buffering=0) as stream:
        return stream.read(1000)


@pytest.mark.parametrize(
    ("query", "stderr"),
    [
        (
            "hat and sunglases",
            "harcli: the results have no attribute 'sunglases'; did you mean sunglasses?\n  hat and sunglases\n          ^\n",
        ),
        ("", "harcli: the query is empty; write for example: hat and not sunglasses\n"),
    ],
)
def test_a_mistake_in_the_query(harcli: Callable, database: Path, query: str, stderr: str) -> None:
    done = harcli("find", database, query)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", stderr)


def test_other_mistakes(harcli: Callable, database: Path) -> None:
    assert harcli("find", database).returncode == 2
    assert harcli("find", database, "hat", "--min", "70").returncode == 2
    done = harcli("find", "nothing.db", "hat")
    assert done.returncode == 1
    assert done.stderr.startswith("harcli: nothing.db: cannot be read")
