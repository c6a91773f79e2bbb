"""Patterns of any form leave out what git leaves out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.photos.find import find_photos

hypothesis = pytest.importorskip("hypothesis", reason="properties need pip install '.[dev]'")
from hypothesis import strategies as st  # noqa: E402

NAMES = [
    "a.jpg",
    "b.jpg",
    "ab.jpg",
    "A.jpg",
    "a/a.jpg",
    "a/b/a.jpg",
    "a/b/b.jpg",
    "b/a/ab.jpg",
    "b/[a].jpg",
    "c/c/c.jpg",
]
PIECES = [
    "a",
    "b",
    "c",
    ".jpg",
    "*",
    "**",
    "?",
    "/",
    "/**/",
    "[ab]",
    "[!a]",
    "\\[",
    "\\",
    "[",
    "!",
    "#",
    " ",
    "ab",
    "*.",
]
LINES = st.builds(
    "{}{}".format, st.sampled_from(["", "", "!", "/"]), st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
)
GIT = ["git", "-c", "core.excludesFile=", "-c", "core.ignoreCase=false"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos, in a folder that git looks at too."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("photos")
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    subprocess.run([*GIT, "init", "-q"], cwd=folder, check=True)
    return folder


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(st.lists(LINES, min_size=1, max_size=3))
def test_as_git_does(folder: Path, lines: list[str]) -> None:
    text = "\n".join(lines)
    for name in (".harcliignore", ".gitignore"):
        (folder / name).write_text(text)
    try:
        found = find_photos([folder]).photos
    except HarcliError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert "\n" not in refused
        assert ".harcliignore, line" in refused
        return
    listing = [*GIT, "ls-files", "-z", "--others", "--exclude-standard", "--", "*.jpg"]
    kept = subprocess.run(listing, cwd=folder, capture_output=True, check=True, text=True).stdout.split("\0")
    assert sorted(photo.relative_to(folder).as_posix() for photo in found) == sorted(filter(None, kept))
