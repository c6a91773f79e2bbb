"""How soon it begins. Processor time is what is measured: other programs may be at work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TURNS = 3


def least_seconds(code: str, *arguments: str) -> float:
    """Processor time of a new Python that runs the code, with that of starting it; the least of some runs."""
    told = f"{code}\nimport sys, time; print(time.process_time(), file=sys.stderr)"
    runs = [
        subprocess.run([sys.executable, "-c", told, *arguments], capture_output=True, text=True, check=True)
        for _ in range(TURNS)
    ]
    return min(float(run.stderr.split()[-1]) for run in runs)


def test_the_import() -> None:
    """On a slow machine, and under load, a part of it is the yardstick: numpy, which takes about half."""
    assert least_seconds("from harcli import Tagger") < max(0.3, 3 * least_seconds("import numpy"))


def test_the_first_record_of_one_photo_with_the_built_in_models(photos: Path) -> None:
    code = "import sys; from harcli import Tagger; assert Tagger(provider='cpu').tag(sys.argv[1])[0].tags"
    assert least_seconds(code, str(photos / "zidane.jpg")) < 2


@pytest.mark.parametrize("module", ["onnxruntime", "torch", "sqlite3", "urllib.request"])
def test_the_import_loads_nothing_heavy(module: str) -> None:
    code = f"import sys; from harcli import Tagger; sys.exit('{module}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
