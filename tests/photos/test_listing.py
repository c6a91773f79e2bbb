"""Lists of paths as programs write them."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harcli.photos.listing import paths_from


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (b"", []),
        (b"a.jpg\nb c.jpg\n", ["a.jpg", "b c.jpg"]),
        (b"a.jpg\nb.jpg", ["a.jpg", "b.jpg"]),
        (b"a.jpg\r\n\r\n  \nb.jpg\r\n", ["a.jpg", "b.jpg"]),
        (b" a.jpg \n", [" a.jpg "]),
        (b"\xef\xbb\xbfa.jpg\n", ["a.jpg"]),
        (b"a.jpg\0line\nbreak.jpg\0", ["a.jpg", "line\nbreak.jpg"]),
        (b"only.jpg\0", ["only.jpg"]),
        (b"a.jpg\0\0 \0return\r\0b.jpg", ["a.jpg", " ", "return\r", "b.jpg"]),
        (b"-\n--out\n", ["-", "--out"]),
    ],
)
def test_paths(listed: bytes, expected: list[str]) -> None:
    assert paths_from(io.BytesIO(listed)) == [Path(name) for name in expected]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
@pytest.mark.parametrize("separator", [b"\n", b"\0"])
def test_names_that_are_not_utf_8(separator: bytes) -> None:
    listed = separator.join([b"\xff\xfe.jpg", "é漢.jpg".encode(), b""])
    assert [os.fsencode(path) for path in paths_from(io.BytesIO(listed))] == [b"\xff\xfe.jpg", "é漢.jpg".encode()]


@pytest.mark.skipif(os.name == "nt" or shutil.which("find") is None, reason="there is no Unix find here")
def test_what_find_prints(tmp_path: Path) -> None:
    made = {tmp_path / "a.jpg", tmp_path / "line\nbreak.jpg", tmp_path / " x.jpg"}
    for path in made:
        path.touch()
    listed = subprocess.run(["find", tmp_path, "-type", "f", "-print0"], capture_output=True, check=True).stdout
    assert set(paths_from(io.BytesIO(listed))) == made
