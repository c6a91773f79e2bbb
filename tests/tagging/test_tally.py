"""What a run comes to in numbers."""

from __future__ import annotations

import pytest

from harcli.results import Record
from harcli.tagging.tally import Tally


@pytest.mark.parametrize(
    ("path", "videos"),
    [
        ("a.mp4", 1),
        ("who is it?.MOV", 1),
        ("https://example.org/a.mp4?key=1", 1),
        ("a.jpg", 0),
        ("https://example.org/a.jpg?key=a.mp4", 0),
    ],
)
def test_videos_are_told_by_their_name(path: str, videos: int) -> None:
    tally = Tally()
    tally.add([Record(path)])
    assert (tally.photos, tally.videos) == (1, videos)
