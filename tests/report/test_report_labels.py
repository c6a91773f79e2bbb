"""Saying in a report which tags are right and wrong, and the file of it that `harcli train` reads."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harcli.datasets import load
from harcli.report import write_report
from harcli.results import TOO_SMALL, Record
from harcli.results.database import Results
from harcli.results.query import parse
from tests.report.conftest import ATTRIBUTES, Attributes, draw_photo, made_up_people, write_database

Show = Callable[..., Any]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def write(folder: Path, records: list[Record], attributes: Attributes = ATTRIBUTES, **options: Any) -> Path:
    for name in dict.fromkeys(record.path for record in records):
        draw_photo(folder / "photos" / name)
    database = write_database(folder / "attrs.db", records, folder / "photos", attributes)
    with Results(database) as results:
        write_report(results, folder / "report.html", **options)
    return folder / "report.html"


def say(page: Any, name: str, word: str) -> None:
    page.locator(".value").get_by_role("button", name=f"{name} is {word}", exact=True).click()


def saved(page: Any, place: Path) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.locator("#save-labels").click()
    assert download.value.suggested_filename == "people.csv"
    download.value.save_as(place / "people.csv")
    return list(csv.DictReader((place / "people.csv").open(newline="", encoding="utf-8")))


def test_what_is_said_is_saved_and_read_by_train(tmp_path: Path, show: Show) -> None:
    records = [replace(record, path=record.path.replace("IMG", 'Grüße, "#1%')) for record in made_up_people(6)]
    page = show(write(tmp_path, records), accept_downloads=True)
    assert page.locator("#save-labels").is_hidden()
    page.locator(".card").nth(4).click()
    say(page, "hat", "right")
    say(page, "jeans", "wrong")
    say(page, "bag", "right")
    say(page, "bag", "right")  # taken back
    page.keyboard.press("Escape")
    assert page.locator(".card").nth(4).locator(".labelled").inner_text() == "✓ 2"
    assert page.locator("#found").inner_text() == "6 people"  # filters go by what harcli found
    (row,) = saved(page, tmp_path)
    photo = tmp_path / "photos" / records[4].path
    assert (Path(row["path"]), row["photo"]) == (photo.resolve(), records[4].path)
    assert (row["right"], row["wrong"]) == ("hat", "jeans")
    assert "<b>own</b> is right" not in page.content()  # no people.csv can name it
    place = tmp_path / "data" / "labelled"
    place.mkdir(parents=True)
    (tmp_path / "people.csv").rename(place / "people.csv")
    (sample,) = load(["labelled"], tmp_path / "data")
    assert (sample.image, sample.box) == (photo.resolve(), records[4].box)
    assert sample.facts == {"hat", "!jeans"}


def test_the_rest_of_the_tags_is_right(tmp_path: Path, show: Show) -> None:
    records = made_up_people(30)
    who = next(i for i, record in enumerate(records) if {"hat", "sunglasses"} <= set(record.tags))
    page = show(write(tmp_path, records), accept_downloads=True)
    page.locator(f".card[data-person='{who}']").click()
    say(page, "hat", "wrong")
    page.get_by_role("button", name="All other tags are right").click()
    assert page.get_by_role("button", name="All other tags are right").is_hidden()
    page.keyboard.press("ArrowRight")  # the keys go on
    assert page.locator("#place").inner_text() == f"{who + 2} of 30"
    page.keyboard.press("Escape")
    (row,) = saved(page, tmp_path)
    assert set(row["right"].split()) == set(records[who].tags) - {"hat", "<b>own</b>"}
    assert row["wrong"] == "hat"


def test_what_follows_is_said_too(tmp_path: Path, show: Show) -> None:
    """A people.csv that contradicts itself would be refused: no hat, but a helmet."""
    attributes = dict.fromkeys(("hat", "helmet", "glasses"), ("head", 0.5))
    values = {"hat": 0.9, "helmet": 0.9, "glasses": 0.9}
    (first,) = made_up_people(1)
    records = [replace(first, tags=tuple(values), probabilities=values)]
    page = show(write(tmp_path, records, attributes), accept_downloads=True)
    page.locator(".card").click()
    say(page, "hat", "wrong")
    page.get_by_role("button", name="All other tags are right").click()
    page.keyboard.press("Escape")
    (row,) = saved(page, tmp_path)
    assert (row["right"], row["wrong"]) == ("glasses", "hat helmet")
    page.locator(".card").click()
    say(page, "helmet", "right")  # after all
    page.keyboard.press("Escape")
    (row,) = saved(page, tmp_path)
    assert (row["right"], row["wrong"]) == ("hat helmet glasses", "")


def test_it_is_kept_over_a_new_page_of_fewer_people(tmp_path: Path, show: Show) -> None:
    records = made_up_people(9)
    report = write(tmp_path, records)
    page = show(report, accept_downloads=True)
    for person in (0, 8):
        page.locator(f".card[data-person='{person}']").click()
        say(page, "hat", "right")
        page.keyboard.press("Escape")
    assert page.locator("#save-labels").inner_text() == "Save labels (2)"
    with Results(tmp_path / "attrs.db") as results:
        write_report(results, report, where=parse(f"hat >= {records[0].probabilities['hat']}", results.info.names))
    page.reload()
    both = records[8].probabilities["hat"] >= records[0].probabilities["hat"]
    assert page.locator("#save-labels").inner_text() == f"Save labels ({1 + both})"
    with Results(tmp_path / "attrs.db") as results:
        write_report(results, report)
    page.reload()
    page.locator(".card[data-person='8']").click()
    say(page, "jeans", "wrong")
    page.keyboard.press("Escape")
    assert len(saved(page, tmp_path)) == 2


def test_bystanders_are_folded_away(tmp_path: Path, show: Show) -> None:
    large = made_up_people(3)
    large[1] = replace(large[1], box=(110.0, 20.0, 130.0, 50.0))  # far smaller than the others
    large[2] = replace(large[2], note=f"{TOO_SMALL}: 20 pixels high, tags from 36 on", tags=())
    page = show(write(tmp_path, large))
    assert page.locator("#found").inner_text() == "1 of 3 people"
    page.get_by_role("button", name="+ 2 bystanders").click()
    assert page.locator("#found").inner_text() == "3 people"
    assert page.locator("#bystanders").get_attribute("aria-pressed") == "true"


def test_a_phone_shows_the_photo_first(tmp_path: Path, show: Show) -> None:
    page = show(write(tmp_path, made_up_people(6)), **PHONE)
    page.locator(".card").first.click()
    place = "e => { const r = e.getBoundingClientRect(); return [r.top, r.bottom, r.width, r.height] }"
    top, bottom, _, _ = page.locator("#stage").evaluate(place)
    assert 0 <= top < 80
    assert page.locator("#facts").evaluate(place)[0] >= bottom - 1
    # It stays while the tags go by, and leaves them half of the window.
    page.locator("#details").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    again = page.locator("#stage").evaluate(place)
    assert again[:2] == pytest.approx([top, bottom], abs=2)
    assert bottom < PHONE["viewport"]["height"] / 2


@pytest.mark.parametrize("context", [PHONE, {}], ids=["phone", "desktop"])
def test_signs_are_large_enough_and_seen(tmp_path: Path, show: Show, context: dict[str, Any]) -> None:
    page = show(write(tmp_path, made_up_people(6)), **context)
    page.locator(".card").first.click()
    least = 44 if context else 24
    size = "all => all.map(e => [e.offsetWidth, e.offsetHeight])"
    assert all(min(sides) >= least for sides in page.locator("#details button.verdict").evaluate_all(size))
    page.locator("#close-details").click()
    if context:
        page.locator("#open-panel").click()
    assert all(min(sides) >= (44 if context else 32) for sides in page.locator(".want").evaluate_all(size))
    contrast = page.locator(".want").first.evaluate(
        """sign => {
          const rgb = text => text.match(/[\\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          let ground = sign;
          while (rgb(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
          const all = [getComputedStyle(sign).color, getComputedStyle(ground).backgroundColor].map(c => light(rgb(c)));
          return (Math.max(...all) + 0.05) / (Math.min(...all) + 0.05);
        }"""
    )
    assert contrast >= 4.5
    assert page.locator(".want").first.evaluate("e => getComputedStyle(e).opacity") == "1"


def test_reset_stays_in_view(tmp_path: Path, show: Show) -> None:
    page = show(write(tmp_path, made_up_people(6)), **{**PHONE, "viewport": {"width": 390, "height": 400}})
    page.locator("#open-panel").click()
    page.get_by_role("button", name="with hat", exact=True).click()
    page.locator("#panel").evaluate("panel => panel.scrollTo(0, panel.scrollHeight)")
    top, bottom = page.locator("#reset").evaluate(
        "e => { const r = e.getBoundingClientRect(); return [r.top, r.bottom] }"
    )
    assert 0 <= top < bottom <= 400
    page.locator("#close-panel").click()
    page.get_by_role("button", name="Reset", exact=True).click()
    assert page.locator("#found").inner_text() == "6 people"


def test_filters_stay_in_view_on_a_phone(tmp_path: Path, show: Show) -> None:
    records = made_up_people(60)
    records[1] = replace(records[1], box=(110.0, 20.0, 130.0, 50.0))  # a bystander, so that all controls are there
    page = show(write(tmp_path, records), **PHONE)
    page.evaluate("scrollTo(0, 1500)")
    bottoms = {
        name: page.locator(name).evaluate("e => e.getBoundingClientRect().bottom") for name in ("#search", "#bar")
    }
    assert bottoms["#search"] <= 0 < bottoms["#bar"] < 90
    for name in ("#open-panel", "#bystanders", "#found"):
        assert page.locator(name).evaluate("e => e.getBoundingClientRect().top") >= 0, name
    page.locator("#open-panel").click()
    assert page.locator("#panel").is_visible()


def test_signs_stand_below_each_other_on_a_phone(tmp_path: Path, show: Show) -> None:
    (first,) = made_up_people(1)
    page = show(write(tmp_path, [replace(first, tags=("hat", "sunglasses", "jeans"))]), **PHONE)
    page.locator(".card").click()
    lefts = page.locator(".tag-list button.wrong").evaluate_all("all => all.map(e => e.getBoundingClientRect().left)")
    assert len(lefts) == 3
    assert len(set(lefts)) == 1


def test_the_whole_list_is_seen_on_focus(tmp_path: Path, show: Show) -> None:
    records = made_up_people(30)
    who = max(range(30), key=lambda i: len(records[i].tags))
    page = show(write(tmp_path, records))
    card = page.locator(f".card[data-person='{who}']")
    whole = card.locator(".whole")
    assert whole.is_hidden()
    page.keyboard.press("ArrowDown")
    for _ in range(who):
        page.keyboard.press("ArrowRight")
    assert whole.is_visible()
    assert set(whole.locator("> span").all_inner_texts()) == set(records[who].tags)
    ends = [card.locator(part).evaluate("e => e.getBoundingClientRect().bottom") for part in (".whole", ".picture")]
    assert abs(ends[0] - ends[1]) < 1  # over the picture, not beyond it
    line = card.locator(".words").evaluate("e => [e.clientHeight, parseFloat(getComputedStyle(e).lineHeight)]")
    assert line[0] == 2 * line[1]
