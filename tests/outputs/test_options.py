"""Which form a file gets, and what is refused before anything is computed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.outputs import OptionsError, OutputOptions, check_output
from harcli.outputs.options import form_of


@pytest.mark.parametrize(
    ("name", "form"),
    [
        *(
            ("a.csv", "csv"),
            ("a.b.JSON", "json"),
            ("a.jsonl", "jsonl"),
            ("a.ndjson", "jsonl"),
            ("a.parquet", "parquet"),
        ),
        *(("a.db", "sqlite"), ("a.sqlite", "sqlite"), ("a.sqlite3", "sqlite")),
        *(("a.coco.json", "coco"), ("A.COCO.JSON", "coco"), ("coco.json", "json"), ("a.coco.csv", "csv")),
    ],
)
def test_the_ending_says_the_form(name: str, form: str) -> None:
    assert form_of(Path("folder.csv") / name, OutputOptions()) == form


def test_the_format_can_be_said() -> None:
    assert form_of(Path("labels.json"), OutputOptions("coco")) == "coco"
    assert form_of(Path("log.txt"), OutputOptions("jsonl")) == "jsonl"
    assert form_of(Path("-"), OutputOptions("csv")) == "csv"


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("a.xlsx", OutputOptions(), r"'a\.xlsx' must end in \.csv, .* or \.coco\.json"),
        ("csv", OutputOptions(), "must end in"),
        ("-", OutputOptions(), "standard output has no ending"),
        ("-", OutputOptions("parquet"), "name a file"),
        ("-", OutputOptions("sqlite"), "name a file"),
        ("a.parquet", OutputOptions("csv"), "ends like parquet"),
        ("a.csv", OutputOptions("xml"), "no format 'xml'; there are csv, json"),
        ("a.json", OutputOptions(long=True), "json has no long form; csv, jsonl and parquet have"),
        ("a.coco.json", OutputOptions(long=True), "coco has no long form"),
        ("a.db", OutputOptions(long=True), "sqlite has no long form"),
        ("a.jsonl", OutputOptions(csv_safe=True), "not CSV"),
    ],
)
def test_what_does_not_go_together(name: str, options: OutputOptions, said: str) -> None:
    with pytest.raises(OptionsError, match=said) as caught:
        check_output(Path(name), options)
    assert "\n" not in str(caught.value)


def test_what_is_missing_or_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name, said in (("gone/a.csv", "no folder"), ("folder.csv", "not a regular file")):
        with pytest.raises(HarcliError, match=said):
            check_output(tmp_path / name, OutputOptions())
    for name in ("a.csv", "a.db"):
        check_output(tmp_path / name, OutputOptions())
    check_output(Path("-"), OutputOptions("jsonl", long=True))


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HarcliError, match=r"pip install 'harcli\[parquet\]'"):
        check_output(tmp_path / "a.parquet", OutputOptions())
