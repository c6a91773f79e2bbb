"""The README's counts are those of the program (`python benchmarks/readme.py` makes them), and it stays short."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_counts_are_as_counted(assets: Path) -> None:
    spec = importlib.util.spec_from_file_location("readme", ROOT / "benchmarks" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    numbers = readme.counts()
    assert readme.counted(README, numbers) == README
    assert set(re.findall(r"<!-- count (\w+) -->", README)) == set(numbers)


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_terms_stand_beside_the_install_line() -> None:
    install = README.partition("\n## Install\n")[2].partition("\n## ")[0]
    assert "pip install" in install
    assert "research and private use only" in install
