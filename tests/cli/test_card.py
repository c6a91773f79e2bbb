"""Cards of models in terminals as narrow as they come."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harcli.cli.card import Card
from harcli.models_dir import models_dir


@pytest.mark.parametrize("model", ["da-har-fast", "da-har-lite2"])
def test_names_of_attributes_are_whole(model: str) -> None:
    out = io.StringIO()
    text = (models_dir() / model / "card.md").read_text(encoding="utf-8")
    Console(file=out, width=80).print(Card(text))
    shown = {line.split()[0] for line in out.getvalue().splitlines() if line.split()}
    assert {"hair-black", "hair-blond", "upper-yellow", "short-sleeves"} <= shown
    assert "…" not in out.getvalue()


def test_names_that_leave_no_room_are_broken() -> None:
    out = io.StringIO()
    name = "very-long-name-" * 6
    Console(file=out, width=40).print(Card(f"| name | a |\n| --- | --- |\n| {name} | 0.5 |\n"))
    assert "0.5" in out.getvalue()
    assert name in "".join(out.getvalue().replace("0.5", "").split())
