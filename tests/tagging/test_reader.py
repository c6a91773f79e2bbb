"""Photos come in order and within the bound on memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from harcli.tagging import source
from harcli.tagging.reader import read_ahead
from harcli.tagging.source import Source


def test_order_and_errors(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(20)]
    for i, path in enumerate(paths):
        # The first ones take longest: order must not depend on who is done first.
        Image.new("L", (2000 // (i + 1), 1000), i).save(path)
    paths.insert(7, tmp_path / "gone.png")
    paths.insert(9, tmp_path / "no\0name.png")
    result = list(read_ahead(paths, Source(100, None).read, workers=4, ahead=6, budget=1 << 30))
    assert [photo.path for photo in result] == paths
    errors = {i: photo.finding.error for i, photo in enumerate(result) if photo.finding is not None}
    assert list(errors) == [7, 9]
    assert errors[7] == "no such file"
    assert [int(photo.pixels[0, 0, 0]) for photo in result if photo.pixels is not None] == list(range(20))


@pytest.mark.parametrize(("budget", "most"), [(1, 2), (1 << 30, 7)])
def test_how_many_are_decoded_beyond_the_one_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: int, most: int
) -> None:
    Image.new("L", (10, 10)).save(tmp_path / "a.png")
    begun = 0
    decode = source.decode_noted

    def counted(path: Path, max_megapixels: float) -> object:
        nonlocal begun
        begun += 1
        return decode(path, max_megapixels)

    monkeypatch.setattr(source, "decode_noted", counted)
    beyond = []
    photos = read_ahead([tmp_path / "a.png"] * 40, Source(100, None).read, workers=2, ahead=6, budget=budget)
    for done, _ in enumerate(photos, 1):
        beyond.append(begun - done)
    assert begun == 40
    # The first ones are begun before the size of a photo is known.
    assert max(beyond[10:]) <= most
