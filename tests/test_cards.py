"""The tables of the attribute models' cards are those of their scores."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from harcli.models_dir import models_dir

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "card.py"
MODELS = ("da-har-lite2", "da-har-fast")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    if not SCRIPT.is_file():
        pytest.skip("benchmarks/ is missing: run this in a clone or in the unpacked sdist")
    spec = importlib.util.spec_from_file_location("card", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", MODELS)
def test_a_card_has_the_figures_of_its_scores(script: ModuleType, name: str) -> None:
    folder = models_dir() / name
    card = (folder / "card.md").read_text(encoding="utf-8")
    tables = script.tables(json.loads((folder / "scores.json").read_text(encoding="utf-8")))
    assert [len(rows) > 3 for rows in tables] == [True] * 5
    assert script.replaced(card, tables) == card


@pytest.mark.parametrize("name", MODELS)
def test_scores_tell_no_path_of_the_machine_that_measured(name: str) -> None:
    scores = json.loads((models_dir() / name / "scores.json").read_text(encoding="utf-8"))
    models = [row["model"] for part in ("everyday", "fashion", "validation") for row in scores[part]]
    assert models
    assert not [model for model in models if model.startswith(("/", "..", "~")) or ":" in model]


def test_another_figure_in_the_scores_changes_the_card(script: ModuleType) -> None:
    folder = models_dir() / MODELS[0]
    card = (folder / "card.md").read_text(encoding="utf-8")
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    scores["test"]["attributes"]["hat"]["AP"] = 0.01
    before, after = card.split("\n"), script.replaced(card, script.tables(scores)).split("\n")
    changed = [line for line, other in zip(after, before, strict=True) if line != other]
    assert len(changed) == 1
    assert changed[0].startswith("| hat |")
