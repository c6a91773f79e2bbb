"""`from harcli import Tagger` in a notebook: the same as the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import harcli as package
from harcli import HarcliError, Record, Tagger


def test_a_photo_by_the_built_in_models_as_by_the_command(
    harcli: Callable, photos: Path, rows: Callable, tmp_path: Path
) -> None:
    records = Tagger(without=["sex"], provider="cpu").tag(photos)
    assert harcli("tag", photos, "--out", "a.csv", "--without", "sex", "--provider", "cpu").returncode == 0
    found = rows(tmp_path / "a.csv")
    assert [(r.path, str(r.person), ";".join(r.tags)) for r in records] == [
        (row["path"], row["person"], row["tags"]) for row in found
    ]
    assert [f"{r.probabilities['hat']:.4f}" for r in records if r.probabilities] == [row["hat"] for row in found]


def test_paths_folders_lists_and_pixels(parts: SimpleNamespace, tmp_path: Path) -> None:
    for i in range(3):
        Image.new("RGB", (20, 30), (80 * i, 9, 9)).save(tmp_path / f"{i}.png")
    tagger = Tagger(parts.model, parts.detector)
    one = tagger.tag(tmp_path / "1.png")
    assert all(isinstance(record, Record) for record in one)
    assert tagger.tag(str(tmp_path / "1.png")) == one
    assert tagger.tag(tmp_path)[2:4] == one
    assert tagger.tag([tmp_path / "1.png", str(tmp_path / "2.png")]) == tagger.tag(tmp_path)[2:]
    assert [record for records in tagger.tag_each([str(tmp_path)]) for record in records] == tagger.tag(tmp_path)
    assert next(tagger.tag_each(str(tmp_path / "1.png"))) == one
    few = Tagger(parts.model, parts.detector, ignore=["[01].png"]).tag(tmp_path)
    assert few == tagger.tag(tmp_path / "2.png")
    with Image.open(tmp_path / "1.png") as image:
        pixels = tagger.tag(np.asarray(image))
    assert [(r.path, r.box, r.tags, r.probabilities) for r in pixels] == [
        ("", r.box, r.tags, r.probabilities) for r in one
    ]


def test_mistakes_are_one_line(parts: SimpleNamespace, tmp_path: Path) -> None:
    tagger = Tagger(parts.model, parts.detector)
    with pytest.raises(HarcliError, match=r"gone\.jpg: no such file"):
        tagger.tag(tmp_path / "gone.jpg")
    for wrong in (None, 5, [b"a.jpg"], Image.new("RGB", (5, 5))):
        with pytest.raises(HarcliError, match="expected a path"):
            tagger.tag(wrong)  # type: ignore[arg-type]
    for options in ({"without": "sex"}, {"max_people": 0}, {"min_height": -1}, {"batch_size": 0}):
        with pytest.raises(HarcliError):
            Tagger(parts.model, parts.detector, **options)  # type: ignore[arg-type]
    for pixels in (np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float32), np.zeros((0, 5, 3), np.uint8)):
        with pytest.raises(HarcliError, match="expected uint8"):
            tagger.tag(pixels)
    with pytest.raises(HarcliError, match="r9000"):
        Tagger("da-har-r9000")


def test_other_names_are_missing_as_usual() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        package.nonsense  # noqa: B018
