"""The photos on which an export is checked."""

from pathlib import Path

import pytest
from PIL import Image

from harcli.cli.export_lower import sample_crops
from harcli.errors import HarcliError


def test_what_cannot_be_read_gives_way_to_another(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for i in range(4):
        Image.new("RGB", (8 + i, 16)).save(tmp_path / "a" / f"{i}.png")
    (tmp_path / "0.jpg").write_bytes(b"no photo")
    (tmp_path / "long").symlink_to("x" * 300)
    assert [crop.shape[1] for crop in sample_crops(tmp_path, 4)] == [8, 9, 10, 11]
    assert len(sample_crops(tmp_path, 2)) == 2
    kept_back = {(tmp_path / "a" / "1.png").resolve()}
    assert [crop.shape[1] for crop in sample_crops(tmp_path, 4, kept_back)] == [8, 10, 11]


def test_no_photo_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "0.jpg").write_bytes(b"no photo")
    with pytest.raises(HarcliError, match=r"no photo to check the export on .*0\.jpg"):
        sample_crops(tmp_path)
