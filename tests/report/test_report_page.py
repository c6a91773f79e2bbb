"""The page in a browser: names that would do harm, pictures beside it, phones, dark colours, very many people."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from harcli.attributes import ATTRIBUTES
from harcli.report import write, write_report
from harcli.results import Record
from harcli.results.database import Results
from harcli.results.query import parse
from tests.report.conftest import ATTRIBUTES as ATTRIBUTES_OF_PAGES
from tests.report.conftest import SIZE, draw_photo, made_up_people, write_database

Show = Callable[..., Any]
HARMFUL = [
    "<script>alert(1)</script>.jpg",  # a folder and a file in it
    "<img src=x onerror=alert(1)>.jpg",
    "line\nbreak.jpg",
    "<!--.jpg",
    "</script>/<script>alert(2).jpg",
    "quotes\"'&amp;\\.jpg",
    "javascript:alert(3).jpg",
    "u\u2028and\u2029.jpg",
    "漢字 é.jpg",
    "100%25#?.jpg",
    os.fsdecode(b"\xff\xfe.jpg"),
]


def reported(path: Path, records: list[Record], folder: Path, **wishes: Any) -> Path:
    """A report of these records at `path`."""
    with Results(write_database(path.with_suffix(".db"), records, folder)) as results:
        write_report(results, path, **wishes)
    return path


def test_harmful_names_are_text(tmp_path: Path, show: Show) -> None:
    records = []
    for name, person in zip(HARMFUL, made_up_people(len(HARMFUL)), strict=True):
        draw_photo(tmp_path / name)
        values = {"path": name, "person": 1, "box": (10.0, 20.0, 90.0, 150.0)}
        records.append(Record(**{f: getattr(person, f) for f in Record.__slots__} | values))
    records.append(Record("<script>alert(4)</script>", error="</script><script>alert(5)</script>"))
    records.append(Record("<b>nobody</b>.jpg", *SIZE))
    title = "</title><script>alert(6)</script>"
    page = show(reported(tmp_path / "r'<p>%.html", records, tmp_path, title=title))
    assert page.locator("h1").inner_text() == page.title() == title
    shown = page.locator(".card").evaluate_all("all => all.map(card => card.title)")
    assert "line\\nbreak.jpg" in shown
    assert "\\xff\\xfe.jpg" in shown
    assert "<script>alert(1)</script>.jpg" in shown
    assert page.locator(".card img").evaluate_all(
        "all => Promise.all(all.map(i => i.decode().then(() => i.naturalWidth > 0)))"
    ) == [True] * len(HARMFUL)
    for i in range(len(HARMFUL)):
        page.locator(".card").nth(i).click()
        link = page.get_by_role("link", name="Open the photo").evaluate("link => link.href")
        assert link.startswith("file://")
        assert Path(os.fsdecode(unquote_to_bytes(link.removeprefix("file://")))).is_file()
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Not readable").click()
    assert page.locator("#rows").inner_text().split() == ["script>", "</script><script>alert(5)</script>"]
    page.get_by_role("button", name="Nobody found").click()
    assert page.locator("#rows a").get_attribute("title") == "<b>nobody</b>.jpg"
    assert page.evaluate("document.scripts.length") == 3


def test_nothing_vanishes(tmp_path: Path, show: Show) -> None:
    people = made_up_people(9)
    draw_photo(tmp_path / "IMG_2.jpg")
    (tmp_path / "IMG_3.jpg").write_bytes(b"no photo")
    others = [Record("empty.jpg", *SIZE), Record("bad.jpg", error="the file is empty")]
    page = show(reported(tmp_path / "report.html", people + others, tmp_path))
    assert "2 photos could not be shown" in page.locator("header").inner_text()
    assert page.locator(".card").count() == 9
    assert page.locator(".card img").count() == 3
    assert page.locator(".card .frame").count() == 6
    page.locator(".card").first.click()
    assert "Not shown: no such file" in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")
    for view, lines in (("Not shown", 2), ("Nobody found", 1), ("Not readable", 1)):
        page.get_by_role("button", name=view).click()
        assert page.locator("#rows li").count() == lines
    page.get_by_role("button", name="People").click()
    assert page.locator(".card").count() == 9


def test_without_pictures(tmp_path: Path, show: Show) -> None:
    page = show(reported(tmp_path / "report.html", made_up_people(3), tmp_path, thumbnails=False))
    assert page.locator(".card .frame").count() == 3
    page.locator(".card").first.click()
    assert "made without pictures" in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")


def test_no_people_at_all(tmp_path: Path, show: Show) -> None:
    page = show(reported(tmp_path / "report.html", [Record("empty.jpg", *SIZE)], tmp_path))
    assert page.locator("#found").inner_text() == "0 people"
    assert page.locator("#nobody").inner_text() == "Nobody was found."
    assert page.locator("#summary").inner_text().startswith("Nobody was found · ")
    page.get_by_role("button", name="Nobody found").click()
    assert page.locator("#rows li").count() == 1


def test_nobody_who_fits(tmp_path: Path, show: Show) -> None:
    (person,) = made_up_people(1)
    query = parse("hat and not hat", list(ATTRIBUTES_OF_PAGES))
    page = show(reported(tmp_path / "report.html", [person], tmp_path, where=query))
    assert page.locator("#nobody").inner_text() == "Nobody fits hat and not hat."
    assert page.locator("#summary").inner_text().startswith("Nobody fits hat and not hat · 1 person left out")


def test_a_phone_shows_why_a_file_could_not_be_read(tmp_path: Path, show: Show) -> None:
    why = "not a photo in a format that harcli reads (JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF)"
    bad = Record("notes.jpg", error=why)
    path = reported(tmp_path / "report.html", [*made_up_people(1), bad], tmp_path)
    page = show(path, viewport={"width": 390, "height": 700}, is_mobile=True, has_touch=True)
    page.get_by_role("button", name="Not readable").tap()
    assert page.locator("#rows .why").evaluate(
        "e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth"
    )


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report of 300 people whose pictures lie in a folder; its name needs quoting in an address."""
    monkeypatch.setattr(write, "MOST_INSIDE", 2)
    for i in range(100):
        draw_photo(tmp_path / f"IMG_{i + 1}.jpg")
    return reported(tmp_path / "my #1 report.html", made_up_people(300), tmp_path)


def test_pictures_beside_the_page_are_loaded_as_they_come_into_view(beside: Path, show: Show) -> None:
    asked: list[str] = []
    page = show(beside, asked=asked)
    page.wait_for_function("document.images.length && [...document.images].every(image => image.naturalWidth)")
    assert page.locator(".card img").count() == len([url for url in asked if url.endswith(".jpg")]) < 80
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_selector("[data-person='299'] img")
    assert (
        page.locator("[data-person='299'] img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    )
    assert page.locator(".card").count() < 80


def test_a_page_without_its_folder_says_so(beside: Path, show: Show) -> None:
    shutil.rmtree(beside.with_name("my #1 report_files"))
    page = show(beside, missing=True)
    page.wait_for_selector(".card .frame")
    page.locator(".card").first.click()
    page.get_by_text("is not beside this page").wait_for()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_needs_no_sideways_scrolling(tmp_path: Path, show: Show, width: int) -> None:
    people = made_up_people(30)
    draw_photo(tmp_path / "IMG_1.jpg")
    bad = Record("a-very-long-name-without-any-place-to-break-it-" * 4 + ".jpg", error="damaged: " + "why " * 40)
    path = reported(tmp_path / "report.html", [*people, bad], tmp_path, title="Holidays_of_two_thousand_and_twenty_six")
    page = show(path, viewport={"width": width, "height": 700}, is_mobile=True, has_touch=True, device_scale_factor=2)

    def fits() -> bool:
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth && visualViewport.scale === 1")

    assert fits()
    assert not page.locator("#panel").is_visible()
    page.get_by_role("button", name="Filters").tap()
    page.get_by_role("button", name="with hat", exact=True).tap()
    page.get_by_role("button", name="hat", exact=True).tap()
    assert fits()
    size = page.get_by_role("button", name="with hat", exact=True).bounding_box()
    assert size["height"] >= 40
    page.get_by_role("button", name=re.compile("^Show")).tap()
    assert not page.locator("#panel").is_visible()
    assert fits()
    page.locator(".card").first.tap()
    assert fits()
    assert page.locator("#details").evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    page.get_by_role("button", name="Close").tap()
    page.get_by_role("button", name="Not readable").tap()
    assert fits()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_colours_follow_the_system_until_the_user_chooses(tmp_path: Path, show: Show, system: str) -> None:
    page = show(reported(tmp_path / "report.html", made_up_people(3), tmp_path), color_scheme=system)

    def brightness() -> int:
        return page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")

    def is_dark() -> bool:
        return brightness() < 60

    assert is_dark() == (system == "dark")
    page.get_by_role("button", name="Dark or light").click()
    assert is_dark() == (system == "light")
    page.reload()
    page.wait_for_selector(".card")
    assert is_dark() == (system == "light")


def test_twenty_thousand_people(tmp_path: Path, show: Show, record_property: Callable[[str, object], None]) -> None:
    """Time of the page's own thread, which other programs on the machine do not lengthen much."""
    attributes = {name: (ATTRIBUTES[name].group, 0.4) for name in list(ATTRIBUTES)[:40]}
    path = tmp_path / "report.html"
    with Results(
        write_database(tmp_path / "x.db", made_up_people(20_000, attributes), tmp_path, attributes)
    ) as results:
        write_report(results, path, thumbnails=False)
    assert path.stat().st_size < 4e6  # 40 probabilities, tags, two rectangles: 180 bytes a person
    page = show(path)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    def timed(name: str, action: Callable[[], object]) -> float:
        before, start = spent(), time.monotonic()
        action()
        seconds = spent() - before
        record_property(name, f"{seconds:.3f} s of the processor, {time.monotonic() - start:.3f} s by the clock")
        return seconds

    assert timed("open", lambda: (page.reload(), page.wait_for_selector(".card"))) < 4
    click = "document.querySelector('[data-attribute=hat] .with').click(); document.body.offsetHeight"
    assert timed("filter", lambda: page.evaluate(click)) < 0.5
    order = "document.querySelector('#sort').value = '1'; document.querySelector('#sort').dispatchEvent(new Event('change'))"
    assert timed("sort", lambda: page.evaluate(order)) < 0.5
    assert timed("scroll", lambda: (page.evaluate("scrollTo(0, 1e6)"), page.wait_for_timeout(200))) < 1
    assert 0 < page.locator(".card").count() < 80
    assert "of 20,000 people" in page.locator("#found").inner_text()
    page.keyboard.press("End")
    page.wait_for_function("document.activeElement.matches('.card')")
