"""What `harcli tag` is given, as a process: folders, lists, odd names, files that are no photos, and nothing at all."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.tagging.conftest import FIXED

Rows = Callable[[Path], list[dict[str, str]]]


def test_nobodys_photo_disappears(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    (photos / "broken.jpg").write_bytes((photos / "bus.jpg").read_bytes()[:20_000])
    (photos / "text.png").write_text("no photo")
    Image.new("RGB", (320, 240), (90, 140, 200)).save(photos / "sky.webp")
    done = harcli("tag", "photos", "--out", "attrs.csv")
    assert done.returncode == 3
    assert "2 of 5 files could not be read" in done.stderr
    found = {Path(row["path"]).name: row for row in rows(tmp_path / "attrs.csv")}
    assert list(found) == ["broken.jpg", "bus.jpg", "sky.webp", "text.png", "zidane.jpg"]
    assert "truncated" in found["broken.jpg"]["error"]
    assert (found["text.png"]["person"], found["text.png"]["width"]) == ("0", "")
    sky = found["sky.webp"]
    assert (sky["width"], sky["height"], sky["person"], sky["x1"], sky["score"], sky["tags"], sky["error"]) == (
        *("320", "240", "0", "", "", "", ""),
    )


def test_paths_on_standard_input(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    lines = f"{photos / 'zidane.jpg'}\n\ngone.jpg\r\nphotos/bus.jpg\nphotos/../photos/bus.jpg\n"
    done = harcli("tag", "-", "--out", "a.csv", input=lines)
    assert done.returncode == 3
    paths = list(dict.fromkeys((row["path"], row["error"]) for row in rows(tmp_path / "a.csv")))
    assert paths == [(str(photos / "zidane.jpg"), ""), ("gone.jpg", "no such file"), ("photos/bus.jpg", "")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names: run this on Linux or macOS")
def test_odd_file_names(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    names = ["comma,.jpg", 'quote".jpg', "line\nbreak.jpg", "return\r.jpg", "-dash.jpg", "[bold]x.jpg", "漢字 é.jpg"]
    raw = os.fsencode(photos) + b"/\xff\xfe.jpg"
    try:
        Path(os.fsdecode(raw)).touch()
        names.append(os.fsdecode(b"\xff\xfe.jpg"))
    except OSError:
        pass  # a file system that wants UTF-8
    for name in names:
        shutil.copy(photos / "zidane.jpg", photos / name)
    for out in ("a.csv", "a.json"):
        done = harcli("tag", photos, "--out", out, "--no-detect")
        assert done.returncode == 0, done.stderr
    expected = {str(photos / name) for name in [*names, "bus.jpg", "zidane.jpg"]}
    assert {row["path"] for row in rows(tmp_path / "a.csv")} == expected
    assert {row["path"] for row in json.loads((tmp_path / "a.json").read_text())["records"]} == expected


def test_nothing_found_replaces_nothing(harcli: Callable, tmp_path: Path) -> None:
    """A folder that is not mounted looks like an empty one."""
    (tmp_path / "none").mkdir()
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mts").touch()
    (tmp_path / "a.csv").write_text("the old one")
    for arguments, said in (
        (["none"], "none: no photos were found; nothing was written"),
        (["films", "none"], "films, none: no photos were found (1 video left out: .mts); nothing was written"),
        (["-"], "the list on standard input: no photos were found"),
    ):
        done = harcli("tag", *arguments, "--out", "a.csv", "--out", "b.json", "-q", input="\n")
        assert done.returncode == 1
        assert done.stderr.startswith(f"harcli: {said}")
        assert len(done.stderr.splitlines()) == 1
        assert (tmp_path / "a.csv").read_text() == "the old one"
        assert not (tmp_path / "b.json").exists()


def test_names_alone_replace_nothing(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    """A link to a disk that is not mounted, a list of what lies on one: there are names, and nothing behind them."""
    (tmp_path / "disk").symlink_to("unmounted")
    (tmp_path / "a.csv").write_text("the old one")
    for arguments, listed, said in (
        (["disk"], "", "disk: no such file or directory; nothing was written"),
        (["-"], "disk/1.jpg\ndisk/2.jpg\n", "disk/1.jpg: no such file or directory, nor can the other be read"),
        (["-"], "gone.jpg\0", "gone.jpg: no such file or directory; nothing was written"),
    ):
        done = harcli("tag", *arguments, "--no-detect", "--out", "a.csv", "-q", input=listed)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert done.stderr.startswith(f"harcli: {said}")
        assert (tmp_path / "a.csv").read_text() == "the old one"
    assert harcli("tag", "disk", "photos", "--no-detect", "--out", "a.csv", "-q").returncode == 3
    assert harcli("tag", "disk", "--no-detect", "--out", "a.csv", "--allow-empty", "-q").returncode == 3


def test_an_empty_folder_gives_a_header_if_that_is_meant(harcli: Callable, rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = harcli("tag", "none", "--out", "a.csv", "--allow-empty")
    assert done.returncode == 0
    assert (tmp_path / "a.csv").read_text().startswith(FIXED)
    assert rows(tmp_path / "a.csv") == []


def test_one_empty_folder_of_several_is_told(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = harcli("tag", "photos", "none", "--no-detect", "--out", "a.csv", "-q")
    assert (done.returncode, done.stderr) == (0, "harcli: none: no photos in it\n")


def test_what_is_left_out_is_told_and_kept(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    for name in ("b.jxl", "c.dng", "d.CR2", "e.3gp", "f.MTS", "g.mts", ".hidden.jpg", "no.jpg"):
        (photos / name).touch()
    (photos / "@eaDir").mkdir()
    (photos / "2018").symlink_to("unmounted")
    done = harcli("tag", "photos", "--no-detect", "--ignore", "no.jpg", "--out", "a.json")
    assert done.returncode == 0
    for line in (
        "3 photos of kinds that harcli does not read: .cr2, .dng, .jxl",
        "3 videos left out: .mts, .3gp",
        "1 recycle bin or folder of previews left out: @eaDir",
        "1 hidden file or folder left out: .jpg",
        "1 link that leads nowhere: 2018",
    ):
        assert f"harcli: {line}" in done.stderr
    assert json.loads((tmp_path / "a.json").read_text())["harcli"]["left_out"] == {
        "photos of kinds that harcli does not read": {".cr2": 1, ".dng": 1, ".jxl": 1},
        "videos": {".mts": 2, ".3gp": 1},
        "recycle bins and previews": {"@eaDir": 1},
        "hidden files and folders": {"all": 1},
        "links that lead nowhere": {"all": 1},
        "ignored by rules": {"all": 1},
    }


def test_quiet_still_says_what_went_wrong_and_why(harcli: Callable, photos: Path) -> None:
    (photos / "cut.jpg").write_bytes((photos / "bus.jpg").read_bytes()[:20_000])
    (photos / "text.png").write_text("no photo")
    (photos / "other.gif").write_text("no photo either")
    done = harcli("tag", "photos", "gone.jpg", "photos/text.png", "--no-detect", "--out", "a.csv", "-q", input="")
    assert done.returncode == 2, "a file that is named must be there"
    done = harcli("tag", "-", "photos", "--no-detect", "--out", "a.csv", "-q", input="gone.jpg\n")
    assert done.returncode == 3
    reason = "not a photo in a format that harcli reads (JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF)"
    assert done.stderr.splitlines() == [
        "harcli: 4 of 6 files could not be read",
        f"harcli:   2 {reason}: photos/other.gif and 1 more",
        "harcli:   1 no such file: gone.jpg",
        "harcli:   1 damaged: photos/cut.jpg",
    ]


def test_a_link_that_cannot_be_followed_costs_one_record(
    harcli: Callable, photos: Path, rows: Rows, tmp_path: Path
) -> None:
    for name in ("0loop", "loop", "zloop"):
        (photos / name).symlink_to(name)
    done = harcli("tag", "photos", "--no-detect", "--out", "a.csv")
    assert done.returncode == 3
    assert [(Path(row["path"]).name, row["error"]) for row in rows(tmp_path / "a.csv")] == [
        ("0loop", "too many levels of symbolic links"),
        ("bus.jpg", ""),
        ("loop", "too many levels of symbolic links"),
        ("zidane.jpg", ""),
        ("zloop", "too many levels of symbolic links"),
    ]
    assert "3 too many levels of symbolic links: photos/0loop and 2 more" in done.stderr


def test_a_jpeg_without_its_last_bytes(harcli: Callable, photos: Path, rows: Rows, tmp_path: Path) -> None:
    (photos / "bus.jpg").write_bytes((photos / "bus.jpg").read_bytes()[:-2])
    done = harcli("tag", "photos", "--no-detect", "--out", "a.csv")
    assert done.returncode == 0
    assert "harcli: 1 cut off at its end: photos/bus.jpg" in done.stderr
    assert [(row["error"], row["note"]) for row in rows(tmp_path / "a.csv")] == [("", "cut off at its end"), ("", "")]


def test_a_list_in_utf_16_tags_what_it_names_and_nothing_else(
    harcli: Callable, photos: Path, rows: Rows, tmp_path: Path
) -> None:
    listed = "photos/bus.jpg\r\n".encode("utf-16")
    done = harcli("tag", "-", "--no-detect", "--out", "a.csv", input=listed, text=False)
    assert done.returncode == 0
    assert [row["path"] for row in rows(tmp_path / "a.csv")] == [str(Path("photos") / "bus.jpg")]
    (tmp_path / "a.csv").unlink()
    done = harcli("tag", "-", "--no-detect", "--out", "a.csv", input="./a".encode("utf-16-le"), text=False)
    assert done.returncode == 1
    assert not (tmp_path / "a.csv").exists()


def test_labels_by_hand_are_not_written_over(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    begun = "path,error,hat,note,track,right,wrong\n"
    others = ("path,error,age,note,track\n", "path,party\n", "")  # an attribute of one's own model is no label
    for head in ('\ufeffpath,x1,"part"\r\n', "path,x1,upper\n", begun, *others):
        table.write_text(head, encoding="utf-8")
        done = harcli("tag", photos, "--no-detect", "--out", table)
        assert done.returncode == (0 if head in others else 2), done.stderr
        if head not in others:
            assert "--out" in done.stderr
            assert "has labels by hand in it" in done.stderr
            assert table.read_bytes() == head.encode()
