"""Results as Parquet, one file or many, answer as an SQLite file of the same records does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.results import Record, Seen, dataset
from harcli.results.kept import KeptResults, open_results
from harcli.results.query import parse
from tests.results.conftest import NAMES, made_up, write

pytest.importorskip("pyarrow", reason="Parquet needs pip install '.[parquet]'")


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[KeptResults, KeptResults]:
    """The same records as a folder of Parquet files in small batches, and as SQLite."""
    monkeypatch.setattr(dataset, "_BATCH", 7)
    records = made_up(60)
    parts = {"part=2/b.parquet": records[40:], "part=1/a2.parquet": records[:40], "part=10/a.PARQUET": made_up(20, 2)}
    for name, part in parts.items():
        write(tmp_path / "set" / name, part)
    (tmp_path / "set" / "_part" / "x").mkdir(parents=True)
    (tmp_path / "set" / "_part" / "x" / "half.parquet").write_bytes(b"PAR1")
    (tmp_path / "set" / ".half.parquet").write_bytes(b"")
    (tmp_path / "set" / "readme.txt").write_text("no results")
    if os.name == "posix":
        (tmp_path / "set" / "part=1" / "again").symlink_to(tmp_path / "set")
    write(tmp_path / "all.db", records + made_up(20, 2))
    return open_results(tmp_path / "set"), open_results(tmp_path / "all.db")


QUERIES = (
    *(f'"{name}"' for name in NAMES),
    *(f'not "{name}"' for name in NAMES),
    "hat and not Hat",
    '"sun.glasses" or "a|b" and "x(1)"',
    'not ("no t" or "é漢" > 0.3)',
    'tags >= 0.5 and "score" < 0.5',
    "hat > 0.25",
    "hat >= 0.25 and hat <= 0.75",
    "box-height > 200.5 and not hat",
    "box-height <= 100 or box-width < 29",
    "box-width >= 29",
    "track = 2",
    "track <= 2 and hat",
    "not (track >= 2 or time-best > 1)",
    "time-start >= 0.5 and time-end <= 9.25",
    "not time-end > 9",
)


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("minimum", [None, 0.0, 0.7])
def test_queries_find_the_same(both: tuple[KeptResults, KeptResults], text: str, minimum: float | None) -> None:
    parquet, sqlite = both
    query = parse(text, NAMES)
    found = list(parquet.records(query, minimum))
    assert found == list(sqlite.records(query, minimum))
    assert list(parquet.paths(query, minimum)) == list(sqlite.paths(query, minimum))
    if minimum is None:
        assert parquet.people(query) == sqlite.people(query) == len(found)
        assert found or text == "box-width < 29"


def test_all_records_come_back(both: tuple[KeptResults, KeptResults]) -> None:
    parquet, sqlite = both
    assert list(parquet.records()) == list(sqlite.records())
    assert len(parquet) == len(sqlite) > 100
    assert parquet.people() == sqlite.people()
    assert parquet.info.names == list(NAMES)
    query = parse("hat", NAMES)
    with_errors = list(parquet.records(query, errors=True))
    assert with_errors == list(sqlite.records(query, errors=True))
    assert any(record.error for record in with_errors)
    assert {record.seen for record in parquet.records()} >= {None, Seen(1, 0.5, 9.25, 0.75)}


def test_files_from_before_videos_stand_beside_others(tmp_path: Path) -> None:
    from pyarrow import parquet

    records = made_up(20)
    older = [record for record in records if record.seen is None]
    table = parquet.read_table(write(tmp_path / "set/1.parquet", older))
    parquet.write_table(
        table.drop_columns(["time_start", "time_end", "time_best", "track"]), tmp_path / "set/1.parquet"
    )
    write(tmp_path / "set/2.parquet", records)
    with open_results(tmp_path / "set") as results:
        assert list(results.records()) == older + records
        query = parse("track = 1 or not time-start >= 0", NAMES)
        fitting = [record for record in older + records if query.matches(record)]
        assert list(results.records(query)) == fitting
        assert any(record.seen for record in fitting)


def test_a_query_of_many_parts(both: tuple[KeptResults, KeptResults]) -> None:
    parquet, sqlite = both
    query = parse(" or ".join(f"hat > {number / 5000}" for number in range(4000, 5000)), NAMES)
    assert parquet.people(query) == sqlite.people(query) > 0


def test_a_sample_is_of_whole_photos_and_the_same_each_time(both: tuple[KeptResults, KeptResults]) -> None:
    query = parse("hat", NAMES)
    for results in both:
        there = list(results.photos(query))
        taken, of = results.sample(9, query)
        assert of == len(there) > 9
        assert len(taken) == 9
        assert [photo for photo in there if photo in taken] == taken
        assert taken != there[:9]
        assert results.sample(9, query) == (taken, of)
        assert results.sample(of, query)[0] == there
        assert results.sample(3, parse("hat > 1", NAMES)) == ([], 0)
        assert all(photo[0].person for photo in results.sample(1000)[0])


def test_groups_of_rows_that_cannot_fit_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.outputs import parquet as module

    monkeypatch.setattr(module, "_ROW_GROUP", 10)
    values = dict.fromkeys(NAMES, 0.1)
    records = [
        Record(f"{i}.jpg", 9, 9, 1, (0.0, 0.0, 9.0, 9.0), 0.5, (), values | {"hat": i // 10 / 10}) for i in range(100)
    ]
    results = open_results(write(tmp_path / "a.parquet", records))
    assert isinstance(results, dataset.ParquetResults)
    (fragment,) = results._data.get_fragments()
    wanted = results._fitting(parse("hat > 0.75", NAMES), None)
    assert len(fragment.split_by_row_group(wanted)) == 2
    assert results.people(parse("hat > 0.75", NAMES)) == 20


def test_find_export_and_report_take_a_folder(tmp_path: Path, harcli: Callable) -> None:
    records = [each for each in made_up(30) if each.path.isascii() and each.path.isprintable()]
    write(tmp_path / "set/1.parquet", records[:20])
    write(tmp_path / "set/2.parquet", records[20:])
    hats = [record for record in records if "hat" in record.tags]
    done = harcli("find", "set", "hat")
    assert done.stdout.splitlines() == list(dict.fromkeys(record.path for record in hats))
    done = harcli("export", "set", "--out", "hats.jsonl", "--where", "hat")
    assert done.stderr == f"hats.jsonl: {len(hats)} records\n"
    assert harcli("export", "set", "--out", "set/3.parquet").returncode == 2
    done = harcli("report", "set", "--out", "r.html", "--where", "hat", "--sample", "4", "--no-thumbnails")
    assert done.returncode == 0, done.stderr
    photos = len({record.path for record in hats})
    assert f"taken by chance of {photos}" in done.stderr, done.stderr
    assert f"set: 4 of {photos} photos, by chance" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_report_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.report import content

    monkeypatch.setattr(content, "MOST", 20)
    results = open_results(write(tmp_path / "a.db", made_up(60)))
    with pytest.raises(HarcliError, match=r"more than 20 people and files.*--where.*--sample"):
        content.collect(results)
    assert len(content.collect(results, sample=5).photos) == 5
