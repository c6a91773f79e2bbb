"""The model file without harcli, by the code in docs/deploy.md: the same tags."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harcli import Tagger

ROOT = Path(__file__).resolve().parents[2]


def test_the_code_of_the_docs_gives_the_tags_of_harcli(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (ROOT / "docs").is_dir():
        pytest.skip("docs/ is not here: run this in a clone")
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (code,) = (block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "InferenceSession" in block)
    code = code.replace('"photo.jpg"', repr(str(photos / "bus.jpg")))
    monkeypatch.chdir(ROOT)
    alone: dict[str, object] = {}
    exec(code, alone)

    from PIL import Image

    people = 0
    for photo in sorted(photos.glob("*.jpg")):
        for record in Tagger(precision="fp32").tag(photo):
            with Image.open(photo) as image:
                tags = alone["tags"](image.convert("RGB"), record.box)  # type: ignore[operator]
            assert list(tags) == list(record.tags)
            assert tags == pytest.approx({name: record.probabilities[name] for name in tags}, abs=1e-4)
            people += 1
    assert people >= 4
