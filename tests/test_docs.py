"""The documents: links lead somewhere, and nothing is counted as "a row a person"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harcli.cli.main import app
from harcli.cli.reference import page

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("models/*/*.md"))]
THINGS = "row|record|line|box|batch|file|folder|mask|block|pattern|path|object|column|byte|text|image|person|commit"


def anchors(document: Path) -> set[str]:
    """Those that GitHub gives a document's headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[str]:
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from (link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    for link in links(document):
        name, _, anchor = link.partition("#")
        there = document.parent / name if name else document
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_a_row_a_person(document: Path) -> None:
    text = " ".join(document.read_text(encoding="utf-8").split())
    assert not re.findall(rf"\b(?:an?|one) (?:{THINGS})s? an? (?:{THINGS}|data set|attribute|iteration)\b", text, re.I)


def test_nothing_in_the_help_is_either() -> None:
    assert not re.findall(rf"\b(?:{THINGS})s? an? (?:{THINGS}|data set|attribute|iteration)\b", page(app), re.I)


def test_the_tests_that_documents_name_are_there() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z]+/test_\w+\.py)(?:::(\w+))?`", text)
    assert len(named) > 50
    for file, name in named:
        code = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert not name or f"\ndef {name}(" in code, (file, name)


def test_the_commands_that_documents_name_are_there() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for script in re.findall(r"(?:python|pytest) ((?:benchmarks|tests)/\w+\.py)", text):
        assert (ROOT / script).exists(), script
