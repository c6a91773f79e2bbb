"""Filters, thresholds, sorting and queries of a report, in a real browser, compared with what the records give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harcli.results import Record
from harcli.results.database import Results
from harcli.results.query import parse
from tests.report.conftest import ATTRIBUTES, count, found, holds, label, row

Marks = dict[str, float]


def fitting(
    people: Sequence[Record], wanted: Sequence[str], unwanted: Sequence[str], marks: Marks | None = None
) -> list[Record]:
    """Who has all that is wanted and nothing that is not."""
    marks = marks or {}

    def has(person: Record, name: str) -> bool:
        return holds(person, name, marks.get(name))

    return [p for p in people if all(has(p, n) for n in wanted) and not any(has(p, n) for n in unwanted)]


def press(page: Any, name: str, want: str) -> None:
    page.get_by_role("button", name=f"{want} {name}", exact=True).click()


def slide(page: Any, name: str, value: float) -> None:
    if not row(page, name).locator("input").count():
        page.get_by_role("button", name=name, exact=True).click()
    row(page, name).locator("input").fill(f"{value:.2f}")


def cards(page: Any) -> list[str]:
    """The cards in view and some more, from the first on; the one that the keyboard is at may follow far behind."""
    numbered = page.locator("#grid li").evaluate_all("all => all.map(li => [li.ariaPosInSet, li.firstChild.ariaLabel])")
    return [label for i, (number, label) in enumerate(numbered, start=1) if int(number) == i]


@pytest.mark.parametrize(
    ("wanted", "unwanted"),
    [(["hat"], []), ([], ["hat"]), (["hat"], ["sunglasses"]), (["jeans", "hat"], ["bag", "<b>own</b>"])],
)
def test_filters_combine(page: Any, people: list[Record], wanted: list[str], unwanted: list[str]) -> None:
    for name in wanted:
        press(page, name, "with")
    for name in unwanted:
        press(page, name, "without")
    expected = fitting(people, wanted, unwanted)
    assert found(page) == len(expected)
    assert [text.rpartition(":")[0] for text in cards(page)] == [label(p) for p in expected][: len(cards(page))]
    for name in ATTRIBUTES:
        others = fitting(people, [n for n in wanted if n != name], [n for n in unwanted if n != name])
        assert count(page, name) == sum(holds(person, name) for person in others), name


def test_a_filter_is_one_of_three_and_can_be_taken_back(page: Any, people: list[Record]) -> None:
    with_hat, without_hat = (page.get_by_role("button", name=f"{w} hat", exact=True) for w in ("with", "without"))
    with_hat.click()
    without_hat.click()
    assert [b.get_attribute("aria-pressed") for b in (with_hat, without_hat)] == ["false", "true"]
    assert found(page) == len(fitting(people, [], ["hat"]))
    without_hat.click()
    assert found(page) == 60
    press(page, "hat", "with")
    press(page, "bag", "with")
    page.get_by_role("button", name="with bag: remove").click()
    assert found(page) == len(fitting(people, ["hat"], []))
    page.get_by_role("button", name="Reset all").click()
    assert found(page) == 60


@pytest.mark.parametrize("mark", [0.0, 0.2, 0.29, 0.31, 0.5, 0.9, 1.0])
def test_a_threshold_decides_who_has_the_attribute(page: Any, people: list[Record], mark: float) -> None:
    slide(page, "shorts", mark)
    assert count(page, "shorts") == sum(holds(person, "shorts", mark) for person in people)
    press(page, "shorts", "without")
    press(page, "hat", "with")
    assert found(page) == len(fitting(people, ["hat"], ["shorts"], {"shorts": mark}))


def test_a_threshold_never_makes_the_number_jump_against_its_direction(page: Any, people: list[Record]) -> None:
    lost = [p for p in people if "jeans" not in p.tags and p.probabilities["jeans"] >= 0.35]
    assert lost, "nobody lost jeans to shorts: the test tests nothing"
    numbers = []
    for mark in (0.0, 0.34, 0.35, 0.36, 1.0):
        slide(page, "jeans", mark)
        numbers.append(count(page, "jeans"))
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == 60 - len(lost)
    row(page, "jeans").get_by_role("button", name="Back to 0.35").click()
    assert count(page, "jeans") == sum("jeans" in person.tags for person in people)


def test_the_slider_starts_at_the_runs_threshold(page: Any) -> None:
    page.get_by_role("button", name="sunglasses", exact=True).click()
    assert row(page, "sunglasses").locator("input").input_value() == "0.41"  # 0.407 in steps of the slider


def test_the_query_finds_the_same_people(page: Any, database: Path, people: list[Record]) -> None:
    """What `Copy the query` gives is understood by `harcli find`, moved thresholds too."""
    press(page, "hat", "with")
    press(page, "sunglasses", "without")
    press(page, "shorts", "with")
    slide(page, "shorts", 0.05)
    slide(page, "sunglasses", 0.7)
    text = page.get_by_role("button", name="Copy the query").get_attribute("title")
    with Results(database) as results:
        query = parse(text, results.info.names)
        assert sum(query.matches(record) for record in results.records()) == found(page) > 0
    page.get_by_role("button", name="with hat: remove").click()
    press(page, "<b>own</b>", "with")
    text = page.get_by_role("button", name="Copy the query").get_attribute("title")
    assert '"<b>own</b>"' in text
    assert sum(parse(text, list(ATTRIBUTES)).matches(record) for record in people) == found(page)


def test_the_query_is_copied_or_shown(page: Any) -> None:
    press(page, "hat", "with")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the query").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "hat"


def test_sorting(page: Any, people: list[Record]) -> None:
    def shown() -> list[str]:
        return [text.rpartition(":")[0] for text in cards(page)]

    def expected(key: Callable[[Record], float]) -> list[str]:
        return [label(person) for person in sorted(people, key=key)][: len(shown())]

    by_size = [(p.box[2] - p.box[0]) * (p.box[3] - p.box[1]) for p in people]
    page.locator("#sort").select_option("size")
    assert shown() == expected(lambda p: -by_size[people.index(p)])
    page.locator("#sort").select_option(label="hat")
    assert shown() == expected(lambda p: -p.probabilities["hat"])
    assert page.locator(".badge").first.inner_text() == f"{max(p.probabilities['hat'] for p in people):.2f}"
    page.locator("#direction").click()
    assert shown()[0] == label(min(people, key=lambda p: p.probabilities["hat"]))
    page.locator("#sort").select_option("name")
    assert shown() == expected(lambda p: people.index(p))  # IMG_2 comes before IMG_10
    assert page.locator(".badge").count() == 0


def test_a_photos_name_is_found(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("img_12")
    assert found(page) == 3
    page.keyboard.press("Escape")
    assert found(page) == 60
