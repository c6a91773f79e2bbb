"""`harcli report` as a process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.results import Record
from tests.report.conftest import draw_photo, made_up_people, write_database


def test_it_writes_a_page(harcli: Callable, database: Path, tmp_path: Path) -> None:
    done = harcli("report", database, "--out", "report.html", "--title", "Summer & sea")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "60" in done.stderr
    assert "<title>Summer &amp; sea</title>" in (tmp_path / "report.html").read_text()


def test_options(harcli: Callable, database: Path, tmp_path: Path) -> None:
    wishes = ("--where", "hat and not jeans", "--without", "own,bag,age", "--no-thumbnails", "--quiet")
    done = harcli("report", database, "-o", "r.html", *wishes)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (tmp_path / "r.html").read_text()
    assert '"name":"jeans"' in text
    assert '"name":"bag"' not in text
    assert "hat and not jeans" in text
    assert "image/jpeg;base64,/9j" not in text


def test_photos_that_are_gone_are_told(harcli: Callable, tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff\n.jpg")
    people = [
        *made_up_people(6),
        Record(odd, 9, 9, 1, (0.0, 0.0, 9.0, 9.0), 0.5, (), made_up_people(1)[0].probabilities),
    ]
    draw_photo(tmp_path / "IMG_1.jpg")
    done = harcli("report", write_database(tmp_path / "attrs.db", people, tmp_path), "--out", "report.html")
    assert done.returncode == 3
    assert "not shown: IMG_2.jpg: no such file\n" in done.stderr
    assert "not shown: \\xff\\n.jpg: no such file\n" in done.stderr
    assert "2 of 3 photos could not be shown\n" in done.stderr
    assert (tmp_path / "report.html").is_file()
    (tmp_path / "IMG_1.jpg").unlink()
    done = harcli("report", tmp_path / "attrs.db", "--out", "report.html")
    assert "3 of 3 photos could not be shown; if they have moved, `harcli tag` their new folder" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--out", "report.pdf"], 2, "must end in .html"),
        (["--out", "r.html", "--without", "colour"], 2, "no attribute or group colour"),
        (["--out", "r.html", "--where", "hat and"], 1, "found the end"),
        (["--out", "r.html", "--where", "shoe"], 1, "no attribute 'shoe'"),
        (["--out", "gone/r.html"], 1, "no folder"),
    ],
)
def test_mistakes(
    harcli: Callable, database: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    done = harcli("report", database, *arguments)
    assert done.returncode == code
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "r.html").exists()


def test_results_of_another_kind(harcli: Callable, tmp_path: Path) -> None:
    (tmp_path / "attrs.csv").write_text("path\n")
    done = harcli("report", "attrs.csv", "--out", "r.html")
    assert done.returncode == 1
    assert done.stderr.startswith("harcli: attrs.csv: not an SQLite file")
    assert "--out attrs.db" in done.stderr  # what to do with the file that the README's first command makes
