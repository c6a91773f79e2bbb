"""How fast a run was, in the words of its summary."""

from __future__ import annotations

import pytest

from harcli.cli.tag_report import rate


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
