"""The README's counts are those of the program; `python benchmarks/readme.py` makes them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_counts_are_as_counted(assets: Path) -> None:
    spec = importlib.util.spec_from_file_location("readme", ROOT / "benchmarks" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    numbers = readme.counts()
    assert readme.counted(text, numbers) == text
    assert set(re.findall(r"<!-- count (\w+) -->", text)) == set(numbers)
    # "long hair, glasses, ... backpack, and thirty more"
    named = re.search(r"look like:\*\* (.*?), and thirty more\.", text, re.DOTALL)
    assert named is not None
    assert 30 <= numbers["attributes"] - len(named[1].split(",")) < 40
