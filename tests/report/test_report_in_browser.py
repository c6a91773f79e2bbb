"""What a user sees in a report and reaches by keys, in a real browser; numbers are compared with the records'."""

from __future__ import annotations

import re
from typing import Any

import pytest

from harcli.results import Record
from tests.report.conftest import ATTRIBUTES, count, found, label, row


def test_it_opens_with_everybody_and_the_tags_counts(page: Any, people: list[Record]) -> None:
    assert page.title() == "attrs"
    assert found(page) == 60
    for name in ATTRIBUTES:
        assert count(page, name) == sum(name in person.tags for person in people)
    assert "Tags are guesses about appearance" in page.locator("header").inner_text()
    shown = page.locator(".card img").first
    assert shown.evaluate("image => image.decode().then(() => image.naturalHeight)") > 100


def test_details(page: Any, people: list[Record]) -> None:
    person = people[4]
    page.locator(".card").nth(4).click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("heading", level=2).inner_text() == "IMG_2.jpg"
    assert dialog.locator("#place").inner_text() == "5 of 60"
    assert dialog.locator(".stage img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    box = dialog.locator(".stage .chosen .edge")
    assert [float(box.get_attribute(side)) for side in ("x", "y")] == list(person.box[:2])
    assert dialog.locator(".stage .other").count() == 2
    for name, value in person.probabilities.items():
        line = dialog.locator(".value").filter(has_text=re.compile("^" + re.escape(name)))
        assert line.locator(".number").inner_text() == f"{value:.2f}"
        assert ("has" in line.get_attribute("class").split()) == (name in person.tags)
        assert line.locator(".fill").evaluate("bar => bar.style.width") == f"{value * 100:g}%"
    tags = dialog.get_by_role("list", name="Tags").locator(".word").all_inner_texts()
    assert sorted(tags) == sorted(person.tags)
    dialog.locator(".stage .other").first.click()
    assert dialog.locator("#place").inner_text() == "4 of 60"


@pytest.mark.parametrize("frame", [".card[data-person='1'] .picture", "#stage"])
def test_boxes_lie_on_the_people(page: Any, frame: str) -> None:
    """The drawn figure is blue; beside the box it is not."""
    if frame == "#stage":
        page.locator(".card").nth(1).click()
    (red, _, blue, _), (red_beside, _, blue_beside, _) = page.locator(frame).evaluate(
        """async (frame) => {
          const image = frame.querySelector("img");
          await image.decode();
          const box = frame.querySelector(".chosen .edge").getBoundingClientRect();
          const place = image.getBoundingClientRect();
          const scale = Math.min(place.width / image.naturalWidth, place.height / image.naturalHeight);
          const left = place.left + (place.width - image.naturalWidth * scale) / 2;
          const top = place.top + (place.height - image.naturalHeight * scale) / 2;
          const size = {width: image.naturalWidth, height: image.naturalHeight};
          const pen = Object.assign(document.createElement("canvas"), size).getContext("2d", {willReadFrequently: true});
          pen.drawImage(image, 0, 0);
          const at = (x, y) => [...pen.getImageData((x - left) / scale, (y - top) / scale, 1, 1).data];
          const y = box.top + 0.3 * Math.min(box.height, box.width);
          return [at(box.left + box.width / 2, y), at(box.left - 0.03 * box.width, y)];
        }"""
    )
    assert blue - red > 80
    assert abs(blue_beside - red_beside) < 40


def test_keyboard(page: Any, people: list[Record]) -> None:
    def at() -> str:
        return page.evaluate("document.activeElement.getAttribute('aria-label')").rpartition(":")[0]

    page.keyboard.press("ArrowDown")
    assert at() == label(people[0])
    page.keyboard.press("ArrowRight")
    assert at() == label(people[1])
    columns = page.evaluate(
        "() => { const tops = [...document.querySelectorAll('#grid li')].map(c => c.getBoundingClientRect().top);"
        " return tops.filter(top => top === tops[0]).length }"
    )
    page.keyboard.press("ArrowDown")
    assert at() == label(people[1 + columns])
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("End")
    assert at() == label(people[59])
    assert page.evaluate("(r => r.top >= 0 && r.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert page.locator("#details").evaluate("dialog => dialog.open")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator("#place").inner_text() == "3 of 60"
    page.keyboard.press("Escape")
    assert not page.locator("#details").evaluate("dialog => dialog.open")
    assert at() == label(people[2])  # where the user was in the details


def test_the_panel_by_keyboard(page: Any) -> None:
    page.get_by_role("button", name="with hat", exact=True).focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "with sunglasses"
    page.keyboard.press("Enter")
    assert row(page, "sunglasses").locator(".with").get_attribute("aria-pressed") == "true"
    assert row(page, "hat").locator(".with").get_attribute("aria-pressed") == "false"


def test_it_says_how_it_was_made(page: Any) -> None:
    page.get_by_role("button", name="How it was made").click()
    text = page.get_by_role("dialog").inner_text()
    for part in ("da-har-test 7", "harcli 0.1.0", "attrs.db", "finder, lowest score 0.25", "Guesses about appearance"):
        assert part in text
    page.get_by_text("Thresholds of the run").click()
    assert "0.407" in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#about").evaluate("dialog => dialog.open")
