"""`harcli tag` within bounds of memory and time, on photos that are made to break them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Rows = Callable[[Path], list[dict[str, str]]]


@pytest.fixture
def long_jpeg(tmp_path: Path) -> Path:
    """A JPEG of a megapixel and 20,000 scans: half a minute of decoding."""
    path = tmp_path / "long.jpg"
    Image.new("L", (1000, 1000), 90).save(path, progressive=True)
    data = path.read_bytes()
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * 20_000 + data[-2:])
    return path


def test_what_breaks_a_limit_is_an_error_of_that_photo_only(
    harcli: Callable, photos: Path, rows: Rows, tmp_path: Path, long_jpeg: Path
) -> None:
    wide = tmp_path / "wide.tif"
    Image.fromarray(np.zeros((5000, 5000), np.float32)).save(wide, compression="tiff_adobe_deflate")
    options = ("--no-store", "--max-memory", "0.1", "--photo-timeout", "1", "--out", "a.csv")
    start = time.monotonic()
    done = harcli("tag", photos / "bus.jpg", wide, long_jpeg, photos / "zidane.jpg", *options)
    assert time.monotonic() - start < 60
    assert done.returncode == 3
    errors = {Path(row["path"]).name: row["error"] for row in rows(tmp_path / "a.csv")}
    assert list(errors) == ["bus.jpg", "wide.tif", "long.jpg", "zidane.jpg"]
    assert errors["wide.tif"].startswith("needs 0.2")
    assert errors["wide.tif"].endswith("GB of memory to be decoded; raise --max-memory to read it")
    assert errors["long.jpg"] == "takes longer than 1 s to decode; raise --photo-timeout to read it"
    assert errors["bus.jpg"] == errors["zidane.jpg"] == ""
