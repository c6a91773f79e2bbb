"""People of videos in the report: the frame that shows them best, and when they are seen."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.report import write_report
from harcli.report.content import collect
from harcli.report.pictures import draw_all
from harcli.results import Record, Seen
from harcli.results.database import Results
from harcli.video import frames
from tests.report.conftest import ATTRIBUTES, draw_photo, write_database

COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]


@pytest.fixture
def filmed(make_film: Callable, tmp_path: Path) -> Path:
    """Results of a video of three colours, 40 s each, with two people, and of a photo."""
    shades = [np.full((240, 320, 3), COLOURS[number // 40], np.uint8) for number in range(120)]
    make_film("walk.mp4", shades, rate=1)
    draw_photo(tmp_path / "a.jpg")
    values = dict.fromkeys(ATTRIBUTES, 0.2)
    places = [(20.0, 20.0, 100.0, 200.0), (150.0, 30.0, 220.0, 220.0)]
    times = [Seen(1, 3.0, 90.0, 75.0), Seen(2, 84.0, 119.0, 110.0)]
    records = [
        Record("walk.mp4", 320, 240, seen.track, box, 0.9, (), values, seen=seen)
        for box, seen in zip(places, times, strict=True)
    ]
    photo = Record("a.jpg", 320, 240, 1, places[0], 0.9, (), values)
    return write_database(tmp_path / "attrs.db", [photo, *records], tmp_path)


def test_pictures_are_of_the_best_frames(filmed: Path) -> None:
    with Results(filmed) as results:
        content = collect(results)
    assert [(photo.name, photo.seen and photo.seen.best) for photo in content.photos] == [
        *(("a.jpg", None), ("walk.mp4", 75.0), ("walk.mp4", 110.0))
    ]
    drawn = list(draw_all(content.photos))
    assert len(drawn[0].people) == 1
    for pictures, colour in zip(drawn[1:], COLOURS[1:], strict=True):
        assert len(pictures.people) == 1
        for picture in (pictures.photo, *pictures.people):
            with Image.open(io.BytesIO(picture)) as image:
                assert np.abs(np.asarray(image.convert("RGB")).mean((0, 1)) - colour).max() < 12


def test_a_click_shows_the_time(filmed: Path, tmp_path: Path, show: Callable) -> None:
    with Results(filmed) as results:
        assert write_report(results, tmp_path / "report.html").photos == 2
    page = show(tmp_path / "report.html")
    assert page.locator("#summary").inner_text().startswith("3 people in 1 photo and 1 video")
    assert page.locator(".card .file").all_inner_texts() == ["a.jpg", "1:15 · walk.mp4", "1:50 · walk.mp4"]
    page.locator(".card").nth(1).click()
    assert "In the video from 0:03 to 1:30, here at 1:15" in page.locator("#person").inner_text()
    link = page.get_by_role("link", name="Open the video").get_attribute("href")
    assert link == "walk.mp4#t=75"
    assert page.locator("#stage img").evaluate("image => image.naturalWidth") == 320
    assert page.locator("#person .verdict").count() == 0, "training reads no videos"
    assert not page.locator("#kept").is_visible()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#details-name").inner_text() == "a.jpg"
    assert page.locator("#person .verdict").count() > 0
    assert page.locator("#kept").is_visible()


def test_a_video_that_is_gone_is_said(filmed: Path, tmp_path: Path, harcli: Callable) -> None:
    (tmp_path / "walk.mp4").unlink()
    done = harcli("report", "attrs.db", "--out", "report.html")
    assert done.returncode == 3
    assert "in photos and videos │ 1 and 1" in done.stderr
    assert done.stderr.endswith(
        "harcli: not shown: walk.mp4: no such file\nharcli: 1 of 2 photos and videos could not be shown\n"
    )


def test_many_people_of_a_video_are_drawn_in_one_process(filmed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    start = frames.start_decoder
    monkeypatch.setattr(frames, "start_decoder", lambda name, *about: begun.append(name) or start(name, *about))
    with Results(filmed) as results:
        drawn = list(draw_all(collect(results).photos))
    assert [bool(pictures.photo) for pictures in drawn] == [True] * 3
    assert begun == ["harcli.video.child"]
