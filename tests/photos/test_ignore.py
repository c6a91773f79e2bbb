"""What is left out of folders, held against what git leaves out."""

from __future__ import annotations

import os
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.photos.find import Found, find_photos

NAMES = [
    *("a.jpg", "b.png", "IMG.JPG", "private/x.jpg", "private/deep/y.jpg", "trip/private/z.jpg", "trip/raw.tif"),
    *("trip/day1/a.jpg", "trip/day1/b.png", "trip/day2/a.jpg", "trip/day2/keep/c.png", "space end .jpg", "[x].jpg"),
    *("trip/day10/#1.jpg", "trip/day10/!1.jpg"),
]


def make(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def names(found: Found, folder: Path) -> list[str]:
    return sorted(photo.relative_to(folder).as_posix() for photo in found.photos)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed: apt install git")
@pytest.mark.parametrize(
    "files",
    [
        {"": "*.png\n"},
        {"": "private/\n"},
        {"": "/private\n"},
        {"": "private/*\n!private/x.jpg\n"},
        {"": "private/\n!private/x.jpg\n"},
        {"": "*\n!*/\n!*.png\n"},
        {"": "trip/**/a.jpg\n"},
        {"": "trip/**\n!trip/raw.tif\n"},
        {"": "**/private\n"},
        {"": "trip/day?/\n"},
        {"": "trip/day[12]/*.jpg\n"},
        {"": "\\#1.jpg\n\\!1.jpg\n# a comment\n\n   \n"},
        {"": "*.jpg\r\n!a.jpg\r\n"},
        {"": "*.jpg   \n"},
        {"": "space\\ end\\ .jpg\n\\[x].jpg\n"},
        {"": "*.jpg\n", "trip": "!a.jpg\n"},
        {"": "*.jpg\n", "trip": "!day1/\n"},
        {"": "day1/\n", "trip": "!day1/\n"},
        {"": "trip/\n", "trip": "!*\n"},
        {"trip": "/day1\n*.tif\n", "trip/day2": "*\n!keep/\n!*.png\n"},
        {"trip/day2": "a.jpg"},
        {"": "*.jpg\n!trip/\n!*/keep\n"},
        {"": "**/\n!trip/\n"},
        {"": "trip/**/\n!day1/\n"},
        {"": "*/day2/**\n!*/day2/keep\n"},
        {"": "**/day2/**/c.png\n/*.jpg\n"},
        {"": "trip[!x]raw.tif\ntrip[+-0]day1\n*[!j]*a.jpg\n"},
    ],
)
def test_as_git_does(tmp_path: Path, files: dict[str, str]) -> None:
    photos, twin = tmp_path / "photos", tmp_path / "git"
    for folder, file in ((photos, ".harcliignore"), (twin, ".gitignore")):
        make(folder, NAMES)
        for place, text in files.items():
            (folder / place / file).write_bytes(text.encode())
    git = ["git", "-c", "core.excludesFile=", "-c", "core.ignoreCase=false"]
    subprocess.run([*git, "init", "-q"], cwd=twin, check=True)
    listing = [*git, "ls-files", "-z", "--others", "--exclude-standard"]
    kept = subprocess.run(listing, cwd=twin, capture_output=True, check=True, text=True).stdout.split("\0")
    expected = sorted(name for name in kept if name and not name.endswith(".gitignore"))
    found = find_photos([photos])
    assert names(found, photos) == expected
    assert found.ignored == len(NAMES) - len(expected)


def test_the_command_line_comes_first_and_is_relative_to_each_folder(tmp_path: Path) -> None:
    make(tmp_path, ["one/a.jpg", "one/b.jpg", "two/a.jpg", "two/sub/a.jpg", "two/sub/b.jpg"])
    (tmp_path / "one" / ".harcliignore").write_text("b.jpg\n")
    found = find_photos([tmp_path / "one", tmp_path / "two"], ["/a.jpg", "!b.jpg"])
    assert names(found, tmp_path) == ["one/b.jpg", "two/sub/a.jpg", "two/sub/b.jpg"]
    assert found.ignored == 2


def test_a_file_that_is_named_is_taken(tmp_path: Path) -> None:
    make(tmp_path, ["a.jpg", "b.jpg", "private/c.jpg", "private/d.jpg"])
    (tmp_path / ".harcliignore").write_text("*\n")
    named = [tmp_path, tmp_path / "b.jpg", tmp_path / "private"]
    found = find_photos(named, ["d.jpg"])
    assert names(found, tmp_path) == ["b.jpg", "private/c.jpg"]
    assert found.ignored == 2, "a.jpg and d.jpg: the others are there by their own names"


def test_what_is_not_counted(tmp_path: Path) -> None:
    make(tmp_path, ["a.jpg", "out/b.jpg", "out/note.txt", "out/.hidden.jpg", "out/@eaDir/b.jpg", "movie.mp4"])
    (tmp_path / "out" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert find_photos([tmp_path], ["out/", "*.mp4"]) == Found([tmp_path / "a.jpg"], 1)


def test_a_linked_folder_follows_the_rules_of_its_name(tmp_path: Path) -> None:
    make(tmp_path, ["elsewhere/a.jpg", "elsewhere/b.jpg", "photos/c.jpg"])
    (tmp_path / "photos" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    found = find_photos([tmp_path / "photos"], ["link/a.jpg"])
    assert names(found, tmp_path) == ["photos/c.jpg", "photos/link/b.jpg"]
    assert names(find_photos([tmp_path / "photos"], ["link/"]), tmp_path) == ["photos/c.jpg"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names: run this on Linux or macOS")
def test_odd_names(tmp_path: Path) -> None:
    raw = os.fsdecode(b"\xff\xfe.jpg")
    make(tmp_path, ["line\nbreak/x.png", "line\nbreak/x.jpg", "end.png\n", "quote'\".jpg", "back\\slash.jpg"])
    try:
        make(tmp_path, [raw])
    except OSError:
        pytest.skip("this file system takes only names in UTF-8: run this on Linux, on ext4 for example")
    (tmp_path / ".harcliignore").write_bytes(b"*.png\n\xff\xfe.jpg\nback\\\\slash.jpg\n")
    assert names(find_photos([tmp_path]), tmp_path) == ["line\nbreak/x.jpg", "quote'\".jpg"]
    assert names(find_photos([tmp_path], ["line?break", "!" + raw]), tmp_path) == ["quote'\".jpg", raw]


@pytest.mark.parametrize(("pattern", "name"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_accents_are_compared_in_one_form(tmp_path: Path, pattern: str, name: str) -> None:
    """Archives from macOS have them apart from their letters; people type them together."""
    make(tmp_path, ["a.jpg", unicodedata.normalize(name, "Höfe/b.jpg")])
    (tmp_path / ".harcliignore").write_text(unicodedata.normalize(pattern, "Höfe/\n"))
    assert names(find_photos([tmp_path]), tmp_path) == ["a.jpg"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("[[:digit:]]*.jpg", ["B.jpg", "_c.jpg", "a1.jpg"]),
        ("[^[:upper:][:digit:]]*", ["1a.jpg", "B.jpg"]),
        ("[[:punct:]]*", ["1a.jpg", "B.jpg", "a1.jpg"]),
        ("*[[:alnum:]].[[:graph:]]pg", []),
        ("[[]*", ["1a.jpg", "B.jpg", "_c.jpg", "a1.jpg"]),
    ],
)
def test_named_classes(tmp_path: Path, recwarn: pytest.WarningsRecorder, pattern: str, left: list[str]) -> None:
    make(tmp_path, ["1a.jpg", "a1.jpg", "B.jpg", "_c.jpg"])
    assert sorted(names(find_photos([tmp_path], [pattern]), tmp_path)) == left
    assert not recwarn.list


@pytest.mark.parametrize("pattern", ["!", "[[:letter:]]", "a\\", "[", "[z-a].jpg", "/"])
def test_what_is_no_pattern(tmp_path: Path, pattern: str) -> None:
    make(tmp_path, ["a.jpg"])
    with pytest.raises(HarcliError, match=r"--ignore: .* is no pattern"):
        find_photos([tmp_path], [pattern])
    (tmp_path / ".harcliignore").write_text(f"*.png\n{pattern}\n")
    with pytest.raises(HarcliError, match=r"\.harcliignore, line 2: .* is no pattern") as caught:
        find_photos([tmp_path])
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    make(tmp_path, ["a.jpg"])
    file = tmp_path / ".harcliignore"
    file.mkdir()
    with pytest.raises(HarcliError, match="not a file"):
        find_photos([tmp_path])
    file.rmdir()
    file.write_bytes("*.png\n".encode("utf-16"))
    with pytest.raises(HarcliError, match="UTF-8"):
        find_photos([tmp_path])
    file.write_bytes(b"\xef\xbb\xbfa.jpg\n")
    assert find_photos([tmp_path]) == Found([], 1)
    file.unlink()
    file.symlink_to(tmp_path / "gone")
    with pytest.raises(HarcliError, match="not a file"):
        find_photos([tmp_path])


@pytest.mark.usefixtures("bound_by_permissions")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    make(tmp_path, ["a.jpg", ".harcliignore"])
    (tmp_path / ".harcliignore").chmod(0)
    with pytest.raises(HarcliError, match="cannot be read"):
        find_photos([tmp_path])
