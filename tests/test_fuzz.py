"""`benchmarks/fuzz.py` runs for hours; here each of its readers is tried once, so that they keep up with harcli."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize(
    "name",
    [
        *("photos", "sidecars", "embedded", "stores", "results", "models", "metadata", "lists", "ignored", "queries"),
        "tables",
    ],
)
def test_what_is_whole_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    targets = importlib.import_module("fuzz_targets").TARGETS
    monkeypatch.delitem(sys.modules, "fuzz_targets")
    monkeypatch.delitem(sys.modules, "fuzz_photos")
    monkeypatch.delitem(sys.modules, "watched", raising=False)
    seeds, read = targets[name](tmp_path)
    assert seeds
    for seed in seeds:
        read(seed)
