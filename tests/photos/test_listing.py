"""Lists of paths as programs write them."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harcli.errors import HarcliError
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


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names: run this on Linux or macOS")
@pytest.mark.parametrize("separator", [b"\n", b"\0"])
def test_names_that_are_not_utf_8(separator: bytes) -> None:
    listed = separator.join([b"\xff\xfe.jpg", "é漢.jpg".encode(), b""])
    assert [os.fsencode(path) for path in paths_from(io.BytesIO(listed))] == [b"\xff\xfe.jpg", "é漢.jpg".encode()]


@pytest.mark.skipif(os.name == "nt" or shutil.which("find") is None, reason="needs Unix' find: apt install findutils")
def test_what_find_prints(tmp_path: Path) -> None:
    made = {tmp_path / "a.jpg", tmp_path / "line\nbreak.jpg", tmp_path / " x.jpg"}
    for path in made:
        path.touch()
    listed = subprocess.run(["find", tmp_path, "-type", "f", "-print0"], capture_output=True, check=True).stdout
    assert set(paths_from(io.BytesIO(listed))) == made


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p.jpg\r\n", ["p.jpg"]),
        ("p.jpg\r\n\r\nsub/漢字一Ā.jpg\r\n", ["p.jpg", "sub/漢字一Ā.jpg"]),
        ("/a/b.jpg\n./c.jpg\n", ["/a/b.jpg", "c.jpg"]),
        ("a\nb\n", ["a", "b"]),
        ("", []),
    ],
)
def test_wide_characters(encoding: str, text: str, expected: list[str]) -> None:
    assert paths_from(io.BytesIO(text.encode(encoding))) == [Path(name) for name in expected]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_characters_without_a_letter_of_ascii(encoding: str) -> None:
    """By their mark and the ends of their lines."""
    listed = "写真/日本\n映画\n".encode(encoding)
    assert paths_from(io.BytesIO(listed)) == [Path("写真/日本"), Path("映画")]


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("p.jpg".encode("utf-16-le"), "UTF-16"),
        ("p.jpg".encode("utf-16-be"), "UTF-16"),
        ("p.jpg".encode("utf-32-be"), "UTF-16"),
        ("p.jpg\n".encode("utf-16-le") + b"x", "UTF-16"),
        ("p.jpg\n".encode("utf-16") + b"x", "damaged UTF-16"),
        ("p.jpg\0q.jpg\0".encode("utf-16"), "damaged UTF-16"),
        (b"a\0b\0", "names of one letter"),
        (b"\xff\xfea\0.", "a single sign"),  # UTF-16 that was cut off
        (b".\0p\x14n\0g\0", "a single sign"),
        (b"a.jpg\0/\0b.jpg\0", "a single sign"),
        (b"a.jpg\nb.jpg\0c.jpg\n", "both lines and NULs"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "another file"),
        (b"\0\0\0\x18ftypheic\0\0", "another file"),
    ],
)
def test_what_may_be_something_else_is_refused(listed: bytes, said: str) -> None:
    with pytest.raises(HarcliError, match=said) as caught:
        paths_from(io.BytesIO(listed))
    assert "\n" not in str(caught.value)


def test_the_folder_itself_as_find_prints_it() -> None:
    assert paths_from(io.BytesIO(b".\0./a.jpg\0")) == [Path(), Path("a.jpg")]
    assert paths_from(io.BytesIO(b"/\0/bin\0")) == [Path("/"), Path("/bin")]
    assert paths_from(io.BytesIO(b".\0")) == [Path()]
