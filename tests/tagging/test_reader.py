"""Photos come in order and within the bound on memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.photos.errors import PhotoError
from harcli.tagging import reader


def test_order_and_errors(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(20)]
    for i, path in enumerate(paths):
        # The first ones take longest: order must not depend on who is done first.
        Image.new("L", (2000 // (i + 1), 1000), i).save(path)
    paths.insert(7, tmp_path / "gone.png")
    result = list(reader.read_ahead(paths, 100, workers=4, ahead=6, budget=1 << 30))
    assert [path for path, _ in result] == paths
    assert isinstance(result[7][1], PhotoError)
    values = [int(pixels[0, 0, 0]) for _, pixels in result if isinstance(pixels, np.ndarray)]
    assert values == list(range(20))


@pytest.mark.parametrize(("budget", "most"), [(1, 2), (1 << 30, 7)])
def test_how_many_are_decoded_beyond_the_one_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: int, most: int
) -> None:
    Image.new("L", (10, 10)).save(tmp_path / "a.png")
    begun = 0
    decode = reader.decode

    def counted(path: Path, max_megapixels: float) -> reader.Pixels:
        nonlocal begun
        begun += 1
        return decode(path, max_megapixels)

    monkeypatch.setattr(reader, "decode", counted)
    beyond = []
    for done, _ in enumerate(reader.read_ahead([tmp_path / "a.png"] * 40, 100, workers=2, ahead=6, budget=budget), 1):
        beyond.append(begun - done)
    assert begun == 40
    # The first ones are begun before the size of a photo is known.
    assert max(beyond[10:]) <= most
