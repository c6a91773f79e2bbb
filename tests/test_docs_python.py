"""The code in docs/python.md that needs nothing but harcli runs as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

PAGE = Path(__file__).resolve().parents[1] / "docs" / "python.md"


@pytest.mark.skipif(not PAGE.is_file(), reason="docs/ is not here: run this in a clone")
def test_the_code_runs(
    harcli: Callable, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    first, last = blocks[0], blocks[-1]
    monkeypatch.chdir(photos)
    (photos / "bus.jpg").rename(photos / "photo.jpg")
    exec(first, {})
    assert capsys.readouterr().out.startswith("1 (")
    Image.new("RGB", (64, 64)).save(photos / "photo.png")
    exec(first.replace("photo.jpg", "photo.png"), {})  # nobody is in it, and the code does not fail
    assert capsys.readouterr().out == ""
    (photos / "photo.png").unlink()

    done = harcli("tag", photos, "--no-store", "--out", photos / "attrs.db")
    assert done.returncode == 0, done.stderr
    exec(last.replace("hat and not sunglasses", "solid or not solid"), {})
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) >= 4
    assert any(line.startswith(str(photos / "photo.jpg")) for line in shown)
