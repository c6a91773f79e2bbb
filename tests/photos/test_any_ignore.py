"""Patterns of any form leave out what git leaves out, and none takes long."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from harcli.errors import HarcliError
from harcli.photos.bounded import bounded
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
    "b/1-a.jpg",
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
    "[[:alpha:]]",
    "[^[:upper:]x]",
    "[[]",
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
        pytest.skip("git is not installed: apt install git")
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


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(st.lists(st.sampled_from(["a*", "*a", "?*", "**/", "[a]*", "a*/", "*"]), max_size=40).map("".join))
def test_no_pattern_takes_long(tmp_path_factory: pytest.TempPathFactory, pattern: str) -> None:
    folder = tmp_path_factory.mktemp("long")
    (folder / f"{'a' * 200}.jpg").touch()
    begin = time.monotonic()
    with contextlib.suppress(HarcliError):
        find_photos([folder], ignore=[f"{pattern}b"])
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a*" * 30 + "b", "a" * 250),
        ("?*" * 40 + "b", "a" * 250),
        ("**/a/" * 20 + "b", "/".join("a" * 800)),
        ("*/" * 10 + "b", "a/" * 1000),
        ("**/a*a*/" * 10 + "b", "/".join(["a" * 30] * 60)),
        ("[a]*[!b]*" * 15 + "b", "a" * 250),
    ],
)
def test_long_names_and_deep_folders(pattern: str, path: str) -> None:
    expression = GitIgnoreSpecPattern(pattern).regex
    assert expression is not None
    begin = time.monotonic()
    assert re.search(bounded(expression.pattern), path) is None
    assert time.monotonic() - begin < 1


@hypothesis.given(
    st.lists(st.sampled_from(["a", "b", "*", "**", "?", "/", "/**/", "[ab]", "*a", "."]), max_size=7).map("".join),
    st.lists(st.text("ab.", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join),
)
def test_what_is_bounded_fits_the_same(pattern: str, path: str) -> None:
    try:
        expression = GitIgnoreSpecPattern(pattern.rstrip("/")).regex
    except ValueError:
        return
    if expression is None:
        return
    before, after = expression.search(path), re.search(bounded(expression.pattern), path)
    assert (before and before.group()) == (after and after.group())
