"""Made-up people in drawn photos, and a real browser that minds what a page does."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from harcli.attributes import resolve_tags
from harcli.recognition.metadata import AttributeSpec
from harcli.report import write_report
from harcli.results import Record, RunInfo
from harcli.results.database import DatabaseSink, Results
from tests.video.conftest import make_film  # noqa: F401  (a fixture)

Attributes = dict[str, tuple[str, float]]
"""Group and threshold of each attribute."""

# Two of them exclude each other, and one has a name that would be a tag of HTML.
ATTRIBUTES: Attributes = {
    **{"hat": ("head", 0.52), "sunglasses": ("head", 0.407), "jeans": ("lower-body", 0.35)},
    **{"shorts": ("lower-body", 0.3), "bag": ("carried", 0.6), "<b>own</b>": ("own", 0.5)},
}
SIZE = (320, 240)


def made_up_people(count: int, attributes: Attributes = ATTRIBUTES) -> list[Record]:
    """`count` people, three a photo, named IMG_1.jpg and so on, with probabilities drawn by chance."""
    chance = random.Random(7)
    names = list(attributes)
    thresholds = [threshold for _, threshold in attributes.values()]
    records = []
    for i in range(count):
        values = [round(chance.random() ** 1.5, 4) for _ in names]
        left, height = 10.0 + 100 * (i % 3), float(chance.randint(60, 200))
        box = (left, 20.0, left + 80, 20 + height)
        tags = tuple(resolve_tags(names, values, thresholds))
        values_by_name = dict(zip(names, values, strict=True))
        records.append(Record(f"IMG_{i // 3 + 1}.jpg", *SIZE, i % 3 + 1, box, 0.9, tags, values_by_name))
    return records


def holds(record: Record, name: str, mark: float | None = None) -> bool:
    """Who has an attribute, as docs/report.md says it; None: at the run's threshold."""
    assert record.probabilities is not None
    run, value, tagged = ATTRIBUTES[name][1], record.probabilities[name], name in record.tags
    if mark is None:
        return tagged
    return tagged and value >= mark if mark > run else tagged or mark <= value < run


def write_database(path: Path, records: list[Record], folder: Path, attributes: Attributes = ATTRIBUTES) -> Path:
    """A .db file of these records, their paths starting in `folder`."""
    specs = tuple(AttributeSpec(name, group, threshold) for name, (group, threshold) in attributes.items())
    model = {"name": "da-har-test", "version": "7", "provider": "cpu", "datasets": ["ccp"], "licence": "free"}
    info = RunInfo(specs, str(folder), "0.1.0", model, {"name": "finder", "confidence": 0.25})
    with DatabaseSink(path, info) as sink:
        for record in records:
            sink.write(record)
    return path


def draw_photo(path: Path, people: int = 3) -> None:
    """A photo of SIZE with blue figures in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", SIZE, "#dfe8d8")
    pen = ImageDraw.Draw(image)
    for i in range(people):
        pen.ellipse((35 + 100 * i, 25, 65 + 100 * i, 55), fill="#3050c0")
        pen.rectangle((30 + 100 * i, 58, 70 + 100 * i, 150), fill="#3050c0")
    image.save(path, "JPEG")


@pytest.fixture(scope="session")
def people() -> list[Record]:
    """60 people in 20 photos."""
    return made_up_people(60)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory, people: list[Record]) -> Path:
    """Their results, attrs.db; the photos lie in photos/ beside it."""
    folder = tmp_path_factory.mktemp("results")
    for name in dict.fromkeys(record.path for record in people):
        draw_photo(folder / "photos" / name)
    return write_database(folder / "attrs.db", people, folder / "photos")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install '.[dev]'")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs chromium, the browser: apt install chromium")
    # The superuser's Chromium runs without its sandbox only.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as runner:
        started = runner.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@pytest.fixture
def show(browser: Any) -> Iterator[Callable[..., Any]]:
    """`show(path, **context)` opens a report from the disk.

    At the end the test fails if the page reported an error, opened a dialog, or asked for anything but its own files.
    `asked` is a list that takes the addresses of what the page asks for, `missing` says that some of it is not there.
    """
    faults: list[str] = []
    contexts = []

    def opened(path: Path, asked: list[str] | None = None, missing: bool = False, **context: Any) -> Any:
        def note(fault: str) -> None:
            if not (missing and "ERR_FILE_NOT_FOUND" in fault):
                faults.append(fault)

        def check(request: Any) -> None:
            if asked is not None:
                asked.append(request.url)
            if not request.url.startswith(("data:", "blob:", path.parent.resolve().as_uri())):
                note(f"request: {request.url}")

        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: note(f"console: {message.text}"))
        page.on("pageerror", lambda error: note(f"error: {error}"))
        page.on("dialog", lambda dialog: (note(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", check)
        page.goto(path.resolve().as_uri())
        page.wait_for_selector("#found:not(:empty)")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="module")
def report(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the made-up people."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    with Results(database) as results:
        write_report(results, path)
    return path


@pytest.fixture
def page(report: Path, show: Callable[..., Any]) -> Any:
    """It, opened in the browser."""
    return show(report)


def row(page: Any, name: str) -> Any:
    """An attribute's line in the panel."""
    return page.locator(".attribute").filter(has=page.get_by_role("button", name=name, exact=True))


def count(page: Any, name: str) -> int:
    """How many have it, as the panel says."""
    return int(row(page, name).locator(".count").inner_text().replace(",", ""))


def found(page: Any) -> int:
    """How many people are shown."""
    return int(re.match(r"[\d,]+", page.locator("#found").inner_text())[0].replace(",", ""))


def label(person: Record) -> str:
    """What a person's card is called."""
    return f"{person.path}, person {person.person}"
