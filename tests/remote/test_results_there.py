"""`find`, `export`, `report` and `show` on results and photos in a bucket."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harcli.errors import HarcliError
from harcli.recognition.metadata import AttributeSpec
from harcli.remote import failures
from harcli.results import Record, RunInfo
from harcli.results.kept import open_results
from harcli.results.query import parse

pytest.importorskip("pyarrow", reason="Parquet needs pyarrow: pip install '.[dev]'")

NAMES = ("hat", "jeans")
INFO = RunInfo(tuple(AttributeSpec(name, "group", 0.5) for name in NAMES), "/", "1.0")


@pytest.fixture
def parts(bucket: Any, tmp_path: Path) -> list[Record]:
    """40 people in `tags/`, one part for ten of them, beside what is no part of the results."""
    from harcli.outputs.parquet import ParquetSink

    records = []
    for number in range(40):
        values = {"hat": number / 40, "jeans": round(1 - number / 40, 3)}
        tags = tuple(name for name, value in values.items() if value >= 0.5)
        path = f"s3://photos/{number}.jpg" if number else "s3://photos/\udcff.jpg"
        records.append(Record(path, 90, 90, 1, (0.0, 0.0, 40.0, 80.0), 0.9, tags, values))
    for part in range(4):
        with ParquetSink(tmp_path / "part", INFO) as sink:
            for record in records[10 * part : 10 * part + 10]:
                sink.write(record)
        bucket.put(f"tags/{'year=1/' if part > 1 else ''}{part + 9}.parquet", tmp_path / "part")
    bucket.put("tags/_run.json", b"{}")
    bucket.put("tags/_old/1.parquet", b"no longer one")
    bucket.put("tags/.1.parquet", b"not yet one")
    return records


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_WAIT", 0.01)


def test_a_folder_there_is_as_one_here(parts: list[Record], trouble: Any) -> None:
    with open_results("s3://photos/tags/") as results:
        assert trouble.gets(".parquet") == 4, "one request tells what is in a small part"
        assert str(results.path) == "s3://photos/tags/"
        assert list(results.records()) == parts
        query = parse("hat > 0.7 and not jeans", NAMES)
        assert list(results.paths(query)) == [record.path for record in parts if record.probabilities["hat"] > 0.7]
        assert results.people(query) == 11
        assert len(results) == 40
        assert [photo[0].path for photo in results.photos_called("/7.jpg")] == ["s3://photos/7.jpg"]
        assert [photo[0].path for photo in results.photos_called("\udcff.jpg")] == ["s3://photos/\udcff.jpg"]
        assert results.locate(parts[7].path) == parts[7].path
    with open_results("s3://photos/tags/9.parquet") as results:
        assert list(results.records()) == parts[:10]


@pytest.mark.parametrize("what", ["500", "close", "cut off", "shorter"])
def test_what_passes_is_asked_again(parts: list[Record], trouble: Any, what: str) -> None:
    left = [what] * 3

    def answer(method: str, path: str) -> str | None:
        return left.pop() if left and method == "GET" and path.endswith("10.parquet") else None

    trouble.answer = answer
    with open_results("s3://photos/tags/") as results:
        left[:] = [what] * 3
        assert list(results.records()) == parts
    assert not left


@pytest.mark.parametrize(
    ("what", "said"), [("403", "access denied"), ("404", "no such object"), ("shorter", "only .* bytes came")]
)
def test_what_does_not_pass_is_said(parts: list[Record], trouble: Any, what: str, said: str) -> None:
    """While the columns are looked at, and in the middle of the rows; it is not called damage."""

    def answer(method: str, path: str) -> str | None:
        return what if method == "GET" and path.endswith("10.parquet") else None

    with open_results("s3://photos/tags/") as results:
        trouble.answer = answer
        with pytest.raises(HarcliError, match=rf"^s3://photos/tags/10.parquet: cannot be read: {said}"):
            list(results.records())
    with pytest.raises(HarcliError, match=rf"^s3://photos/tags/10.parquet: cannot be read: {said}"):
        open_results("s3://photos/tags/")


def test_large_files_are_read_in_parts(bucket: Any, trouble: Any, tmp_path: Path) -> None:
    """Columns that a query does not ask for are not brought here."""
    import numpy as np
    import pyarrow
    from pyarrow import parquet

    from harcli.outputs.parquet import ParquetSink

    with ParquetSink(tmp_path / "part", INFO) as sink:
        sink.write(Record("a.jpg", 90, 90, 1, (0.0, 0.0, 40.0, 80.0), 0.9, ("hat",), {"hat": 0.9, "jeans": 0.1}))
    table = parquet.read_table(tmp_path / "part")
    rows = 100_000
    many = pyarrow.concat_tables([table] * rows).combine_chunks()
    noise = pyarrow.array(np.random.default_rng(0).random(rows))
    many = many.set_column(many.schema.get_field_index("jeans"), "jeans", noise)
    file = io.BytesIO()
    parquet.write_table(many, file)
    assert file.tell() > 500_000
    bucket.put("large.parquet", file.getvalue())
    trouble.seen.clear()
    trouble.bytes = 0
    with open_results("s3://photos/large.parquet") as results:
        assert results.people(parse("hat", NAMES)) == rows
    assert 1 < trouble.gets("large.parquet") < 10
    assert trouble.bytes < file.tell() / 2


def test_the_commands_take_it(
    parts: list[Record], harcli: Callable, bucket: Any, assets: Path, rows: Callable, tmp_path: Path
) -> None:
    done = harcli("find", "s3://photos/tags/", "hat", "and", "jeans > 0.45")
    assert (done.returncode, done.stdout) == (0, "s3://photos/20.jpg\ns3://photos/21.jpg\n"), done.stderr
    done = harcli("export", "s3://photos/tags/", "--out", "hats.csv", "--where", "hat")
    assert (done.returncode, done.stderr) == (0, "hats.csv: 20 records\n")
    assert len(rows(tmp_path / "hats.csv")) == 20
    done = harcli("report", "s3://photos/tags/", "--out", "r.html", "--where", "hat", "--sample", "3")
    assert done.returncode == 3, done.stderr
    assert "at a URL; --fetch shows it" in done.stderr
    assert "tags: 3 of 20 photos" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_reader_that_has_had_enough_ends_it(parts: list[Record], bucket: Any, tmp_path: Path) -> None:
    """As `head -1` does, while Arrow reads ahead: Python would crash at its end."""
    for part in range(40):
        bucket.put(f"tags/{part + 100}.parquet", bucket.get("tags/9.parquet"))
    command = [sys.executable, "-m", "harcli", "find", "s3://photos/tags/", "not hat", "--people"]
    for _ in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            assert running.stdout.readline().startswith(b"1\t")
            running.stdout.close()
            assert (running.wait(60), running.stderr.read()) == (0, b"")


def test_photos_there_are_shown(harcli: Callable, bucket: Any, trouble: Any, assets: Path, tmp_path: Path) -> None:
    """By `show`, with people computed and kept, and by `report --fetch`; without it, nothing is asked for."""
    bucket.put("2024/bus.jpg", assets / "bus.jpg")
    assert harcli("tag", "s3://photos/2024/", "--out", "s3://photos/tags/", "--out", "a.db").returncode == 0
    done = harcli("show", "s3://photos/2024/bus.jpg", "--out", "shown.jpg")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "shown.jpg").is_file()
    for kept in ("s3://photos/tags/", "a.db"):
        assert harcli("show", "s3://photos/2024/bus.jpg", "--from", kept).stdout == done.stdout
    trouble.seen.clear()
    assert harcli("report", "a.db", "--out", "r.html").returncode == 3
    assert not trouble.seen
    shown = harcli("report", "a.db", "--out", "r.html", "--fetch")
    assert (shown.returncode, trouble.gets("bus.jpg")) == (0, 1), shown.stderr
    bucket.client.delete_object(Bucket="photos", Key="2024/bus.jpg")
    gone = harcli("report", "a.db", "--out", "r.html", "--fetch")
    assert (gone.returncode, "s3://photos/2024/bus.jpg: no such object" in gone.stderr) == (3, True)
    gone = harcli("show", "s3://photos/2024/bus.jpg")
    assert (gone.returncode, gone.stderr) == (1, "harcli: s3://photos/2024/bus.jpg: no such object\n")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("s3://photos/none/", "there are no .parquet files in it"),
        ("s3://photos/none.parquet", "cannot be listed: no such object"),
        ("s3://photos/attrs.db", "results at a URL are read as .parquet only"),
        ("s3://photos/other.parquet", "not results of harcli, or damaged"),
        ("s3://nowhere/tags/", "cannot be listed: no such object"),
        ("nosuch://tags/", "'nosuch' is no kind of URL that can be read"),
    ],
)
def test_mistakes_get_one_line(bucket: Any, harcli: Callable, place: str, said: str) -> None:
    bucket.put("attrs.db", b"SQLite format 3")
    bucket.put("other.parquet", b"PAR1 nothing else PAR1")
    done = harcli("find", place, "hat")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"harcli: {place}: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
