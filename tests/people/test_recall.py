"""What the embedded detector promises, on COCO128."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_nine_of_ten_people_are_found(data: Path, tmp_path: Path) -> None:
    """Recall of people at least 96 px tall at the default settings, and the false boxes that the card states."""
    root = Path(__file__).parents[2]
    figures = tmp_path / "figures.json"
    command = [
        sys.executable,
        "benchmarks/detector.py",
        "--data",
        str(data),
        "--provider",
        "cpu",
        "--json",
        str(figures),
    ]
    subprocess.run(command, check=True, cwd=root)
    row = json.loads(figures.read_text())["person photos"]
    assert row["recall_96px"] >= 0.89
    card = json.loads((root / "models" / "person-detector" / "scores.json").read_text())["person photos"]
    assert row["false_boxes_per_photo"] <= card["false_boxes_per_photo"] + 0.05
