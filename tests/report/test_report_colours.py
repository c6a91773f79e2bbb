"""Colours in a report: swatches that filter, and that say their names to those who cannot tell them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harcli.attributes.showing import swatch
from harcli.report import write_report
from harcli.results import Record
from harcli.results.database import Results
from tests.report.conftest import Attributes, draw_photo, made_up_people, write_database

COLOURED: Attributes = {
    **{"solid": ("pattern", 0.3), "hair-brown": ("hair-colour", 0.4), "hat": ("head", 0.4)},
    **{"upper-red": ("upper-colour", 0.4), "upper-white": ("upper-colour", 0.5), "lower-red": ("lower-colour", 0.4)},
}
COLOURS = [name for name in COLOURED if swatch(name)]
ALL = replace(made_up_people(1)[0], path="IMG_0.jpg", tags=tuple(COLOURED), probabilities=dict.fromkeys(COLOURED, 0.9))


@pytest.fixture(scope="module")
def people() -> list[Record]:
    """The first has everything, the second nothing."""
    return [
        ALL,
        replace(ALL, person=2, tags=(), probabilities=dict.fromkeys(COLOURED, 0.1)),
        *made_up_people(40, COLOURED),
    ]


@pytest.fixture
def page(people: list[Record], tmp_path: Path, show: Callable[..., Any]) -> Any:
    draw_photo(tmp_path / "IMG_0.jpg")
    with Results(write_database(tmp_path / "x.db", people, tmp_path, COLOURED)) as results:
        write_report(results, tmp_path / "report.html")
    return show(tmp_path / "report.html")


def spot(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=f"with {name}", exact=True)


def found(page: Any) -> int:
    return int(page.locator("#found").inner_text().split()[0])


def rgb(name: str) -> str:
    code = swatch(name)
    return f"rgb({', '.join(str(int(code[i : i + 2], 16)) for i in (1, 3, 5))})"


def test_a_card_has_a_row_of_swatches_and_says_their_names(page: Any) -> None:
    card = page.locator(".card").first
    shown = card.locator(".swatches .swatch")
    assert shown.evaluate_all("all => all.map(e => e.title)") == COLOURS
    assert shown.evaluate_all("all => all.map(e => e.ariaLabel)") == COLOURS
    assert shown.evaluate_all("all => all.map(e => getComputedStyle(e).backgroundColor)") == [rgb(n) for n in COLOURS]
    assert shown.evaluate_all("all => all.map(e => e.classList.contains('apart'))") == [False, True, False, True]
    assert card.locator(".words").inner_text() == "hat, solid"  # what is true of most comes last
    said = card.get_attribute("aria-label").rpartition(": ")[2].split(", ")
    assert sorted(said) == sorted(COLOURED)
    assert said[-1] == "solid"
    nobody = page.locator(".card").nth(1)
    assert nobody.locator(".words").inner_text() == "no tags"
    assert nobody.locator(".swatch").count() == 0


def test_swatches_filter(page: Any, people: list[Record]) -> None:
    red = [p for p in people if "upper-red" in p.tags]
    both = [p for p in red if "lower-red" in p.tags]
    assert 1 < len(both) < len(red) < len(people)
    assert spot(page, "upper-red").get_attribute("title") == f"upper-red: {len(red)} people"
    spot(page, "upper-red").click()
    assert found(page) == len(red)
    spot(page, "lower-red").click()
    assert found(page) == len(both)
    assert spot(page, "lower-red").locator(".count").inner_text() == str(len(both))
    pressed = [spot(page, name).get_attribute("aria-pressed") for name in COLOURS]
    assert pressed == ["false", "true", "false", "true"]
    # A mark, not a colour alone, tells which is pressed.
    mark = "button => getComputedStyle(button, '::after').content"
    assert "✓" in spot(page, "upper-red").evaluate(mark)
    assert "✓" not in spot(page, "upper-white").evaluate(mark)
    spot(page, "lower-red").click()
    assert found(page) == len(red)


def test_names_and_thresholds_of_colours_are_a_press_away(page: Any, people: list[Record]) -> None:
    assert page.get_by_role("button", name="without upper-red").count() == 0
    page.get_by_role("button", name="Upper colour: names and thresholds").click()
    page.get_by_role("button", name="without upper-red").click()
    assert found(page) == sum("upper-red" not in p.tags for p in people)
    page.get_by_role("button", name="upper-red", exact=True).click()
    page.get_by_role("slider", name="threshold of upper-red").fill("0.8")
    assert found(page) == sum("upper-red" not in p.tags or p.probabilities["upper-red"] < 0.8 for p in people)
    page.get_by_role("button", name="Upper colour: names and thresholds").click()
    assert "✕" in spot(page, "upper-red").evaluate("button => getComputedStyle(button, '::after').content")
    spot(page, "upper-red").click()  # from without to with
    assert found(page) == sum("upper-red" in p.tags and p.probabilities["upper-red"] >= 0.8 for p in people)


def test_keys_go_through_swatches_that_can_be_seen(page: Any) -> None:
    spot(page, "hair-brown").focus()
    for name in ("upper-red", "upper-white", "lower-red"):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.ariaLabel") == f"with {name}"
    page.get_by_role("button", name="Upper colour: names and thresholds").click()
    spot(page, "hair-brown").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.ariaLabel") == "with lower-red"


def test_details_write_the_names_out(page: Any) -> None:
    page.locator(".card").first.click()
    dialog = page.get_by_role("dialog")
    listed = dialog.get_by_role("list", name="Tags").get_by_role("listitem")
    assert sorted(listed.locator(".word").all_inner_texts()) == sorted(COLOURED)
    assert listed.last.locator(".word").inner_text() == "solid"
    assert listed.filter(has_text="upper-red").locator(".swatch").count() == 1
    assert listed.filter(has_text="hat").locator(".swatch").count() == 0
    page.keyboard.press("Escape")
