"""Records of any content come back from CSV, in both layouts, safe for spreadsheets or not."""

from __future__ import annotations

import csv
import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from harcli.outputs import OutputOptions, open_output
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo

hypothesis = pytest.importorskip("hypothesis", reason="properties need pip install '.[dev]'")
from hypothesis import strategies as st  # noqa: E402

NAMES = ("hat", "Hat", "long hair", "=sum", "'", 'quo"te', "tags", "tag", "é漢")
INFO = RunInfo(tuple(AttributeSpec(name, "+group", 0.5) for name in NAMES), "/photos", "1.0")

BAD_STARTS = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "'", "''", ",", '"', ";", " ", "\ufeff", ""])
LETTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])  # NUL is in no name of a file
TEXTS = st.builds("{}{}".format, BAD_STARTS, st.text(LETTERS, max_size=20))
PATHS = st.one_of(TEXTS, st.binary(min_size=1, max_size=20).map(lambda raw: os.fsdecode(raw.replace(b"\x00", b"\xff"))))
SHARES = st.integers(0, 10_000).map(lambda number: number / 10_000)
SIDES = st.integers(1, 100_000)
PLACES = st.integers(-10_000, 1_000_000).map(lambda number: number / 10)


@st.composite
def people(draw: st.DrawFn) -> Record:
    box = tuple(draw(st.tuples(PLACES, PLACES, PLACES, PLACES)))
    tags = tuple(name for name in NAMES if draw(st.booleans()))
    probabilities = {name: draw(SHARES) for name in NAMES}
    number = draw(st.integers(1, 1000))
    return Record(draw(PATHS), draw(SIDES), draw(SIDES), number, box, draw(SHARES), tags, probabilities)


RECORDS = st.one_of(
    people(),
    st.builds(Record, PATHS, SIDES, SIDES),
    st.builds(lambda path, error: Record(path, error=error), PATHS, TEXTS.filter(bool)),
)


def rows_of(path: Path, safe: bool) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig" if safe else "utf-8", errors="surrogateescape", newline="") as stream:
        lines = list(csv.reader(stream, strict=True))
    header, *rows = [[cell.removeprefix("'") if safe else cell for cell in line] for line in lines]
    return [dict(zip(header, row, strict=True)) for row in rows]


def begun(row: dict[str, str]) -> tuple[Any, ...]:
    """What both layouts have in common."""
    numbers = [int(row[name]) if row[name] else None for name in ("width", "height", "person")]
    box = tuple(float(row[name]) for name in ("x1", "y1", "x2", "y2") if row[name]) or None
    return row["path"], *numbers, box, float(row["score"]) if row["score"] else None


def from_wide(row: dict[str, str]) -> Record:
    cells = list(row.values())[-len(NAMES) - 5 : -5]  # note, times and track come last
    known = dict(zip(NAMES, map(float, cells), strict=True)) if row["person"] != "0" else None
    return Record(*begun(row), tuple(filter(None, row["tags"].split(";"))), known, row["error"], row["note"])


def from_long(rows: list[dict[str, str]]) -> Record:
    known = {row["attribute"]: float(row["probability"]) for row in rows if row["attribute"]}
    tags = tuple(row["attribute"] for row in rows if row["tag"] == "true")
    return Record(*begun(rows[0]), tags, known or None, rows[0]["error"], rows[0]["note"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv")


@hypothesis.settings(max_examples=40, deadline=None, derandomize=True, database=None)
@hypothesis.given(records=st.lists(RECORDS, max_size=4), long=st.booleans(), safe=st.booleans())
def test_records_come_back(folder: Path, records: list[Record], long: bool, safe: bool) -> None:
    path = folder / "x.csv"
    with open_output(path, INFO, OutputOptions(long=long, csv_safe=safe)) as sink:
        for record in records:
            sink.write(record)
    rows = rows_of(path, safe)
    if safe:
        for line in csv.reader(path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")):
            assert not any(cell.startswith(("=", "+", "@", "\t", "\r", "\n")) for cell in line)
    if not long:
        assert [from_wide(row) for row in rows] == records
        return
    # A row of a person for each attribute; one row of a photo without people.
    lengths = [len(NAMES) if record.person else 1 for record in records]
    starts = itertools.accumulate(lengths, initial=0)
    assert len(rows) == sum(lengths)
    found = [from_long(rows[start : start + length]) for start, length in zip(starts, lengths, strict=False)]
    assert found == records
