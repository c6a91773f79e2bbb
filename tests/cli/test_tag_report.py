"""The summary of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harcli.cli.tag_report import Report, rate
from harcli.photos.find import Found
from harcli.remote.photo import PhotoPlace
from harcli.results import Record
from harcli.tagging.tally import Tally


@pytest.mark.parametrize(
    ("files", "seconds", "noun", "told"),
    [
        (25, 10.0, "photos", "2.5 photos/s"),
        (2, 90.0, "videos", "45 s for each video"),
        (4, 2.0, "photos and videos", "2.0 files/s"),
        (2, 90.0, "photos and videos", "45 s for each file"),
        (0, 3.0, "photos", ""),
        (1, 0.0, "photos", ""),
    ],
)
def test_rate(files: int, seconds: float, noun: str, told: str) -> None:
    assert rate(files, seconds, noun) == told


def test_numbers_as_people_read_them(capsys: pytest.CaptureFixture[str]) -> None:
    found: Found[PhotoPlace] = Found([Path(f"{number}.jpg") for number in range(12_000)])
    with Report(found, ["attrs.csv"], provider="cpu", resumes=True, quiet=False) as report:
        report.add_block(Tally(photos=12_000, people=34_567, tags=Counter(hat=1_234), errors=[("0.jpg", "empty")]))
    report.print_summary()
    told = capsys.readouterr().err
    for text in ("12,000 ", "34,567 ", "hat 1,234 ", "1 of 12,000 files could not be read"):
        assert text in told
    assert "photos/s" not in told  # too quick to say anything about this machine


def test_a_single_file(capsys: pytest.CaptureFixture[str]) -> None:
    found: Found[PhotoPlace] = Found([Path("notes.txt")])
    with Report(found, ["attrs.csv"], provider="cpu", resumes=True, quiet=True) as report:
        report.add([Record("notes.txt", error="the file is empty")], [], 0)
    report.print_summary()
    assert capsys.readouterr().err == (
        "harcli: 1 of 1 file could not be read\nharcli:   1 the file is empty: notes.txt\n"
    )
