"""Which files are taken, in which order."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harcli.photos.find import find_photos


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def found(folder: Path, *paths: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_photos(paths or [folder]).photos]


def test_folders_are_walked_in_natural_order(tmp_path: Path) -> None:
    make(tmp_path, "img10.jpg", "img2.JPG", "Img1.png", "b/x.webp", "a/2/y.tif", "a/10/y.gif", "a/1.bmp")
    assert found(tmp_path) == ["a/1.bmp", "a/2/y.tif", "a/10/y.gif", "b/x.webp", "Img1.png", "img2.JPG", "img10.jpg"]


def test_only_photos_are_taken_from_folders_but_any_file_that_is_named(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "a.txt", "a.mp4", "noending", "b.jpeg", "c.HEIC", "d.heif", "e.hif", "f.avif", "g.MPO")
    assert found(tmp_path) == ["a.jpg", "b.jpeg", "c.HEIC", "d.heif", "e.hif", "f.avif", "g.MPO"]
    assert found(tmp_path, tmp_path / "noending", tmp_path / "gone.jpg") == ["noending", "gone.jpg"]


def test_hidden_files_and_thumbnail_folders_are_skipped_unless_named(tmp_path: Path) -> None:
    make(tmp_path, ".hidden.jpg", ".trash/a.jpg", "@eaDir/b.jpg", "c.jpg", "._c.jpg")
    assert found(tmp_path) == ["c.jpg"]
    assert found(tmp_path, tmp_path / ".trash", tmp_path / ".hidden.jpg") == [".trash/a.jpg", ".hidden.jpg"]


def test_nothing_twice_and_the_order_of_the_user_first(tmp_path: Path) -> None:
    make(tmp_path, "p/a.jpg", "p/b.jpg", "z.jpg")
    p = tmp_path / "p"
    assert found(tmp_path, tmp_path / "z.jpg", p / "b.jpg", p, p / ".." / "p" / "a.jpg") == [
        "z.jpg",
        "p/b.jpg",
        "p/a.jpg",
    ]


def test_paths_start_as_the_user_wrote_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "p/a.jpg")
    monkeypatch.chdir(tmp_path)
    assert find_photos([Path("p")]).photos == [Path("p/a.jpg")]
    assert find_photos([Path()]).photos == [Path("p/a.jpg")]


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    make(tmp_path, "top/sub/a.jpg", "other/b.jpg")
    (tmp_path / "top/loop").symlink_to(tmp_path / "top", target_is_directory=True)
    (tmp_path / "top/1-same").symlink_to(tmp_path / "top/sub", target_is_directory=True)
    (tmp_path / "top/linked").symlink_to(tmp_path / "other", target_is_directory=True)
    (tmp_path / "top/file.jpg").symlink_to(tmp_path / "other/b.jpg")
    (tmp_path / "top/broken.jpg").symlink_to(tmp_path / "gone")
    assert found(tmp_path, tmp_path / "top") == [
        *("top/broken.jpg", "top/file.jpg", "top/linked/b.jpg", "top/sub/a.jpg")
    ]


LINKS = {
    "to itself": lambda folder: "loop",
    "too long": lambda folder: "x" * 300,
    "through a file": lambda folder: folder / "a.jpg" / "x",
    "in a circle": lambda folder: folder / "other",
}


@pytest.mark.parametrize("to", LINKS)
@pytest.mark.parametrize("name", ["0loop", "loop", "zloop", "loop.jpg"])
def test_a_link_that_cannot_be_followed_costs_nothing_else(tmp_path: Path, to: str, name: str) -> None:
    make(tmp_path, *(f"{year}/p{i}.jpg" for year in (2019, 2020, 2021) for i in range(3)), "a.jpg")
    everything = found(tmp_path)
    (tmp_path / "2020" / name).symlink_to(name if to == "to itself" else LINKS[to](tmp_path))
    (tmp_path / "other").symlink_to(tmp_path / "2020" / name)
    now = found(tmp_path)
    assert [path for path in now if path in everything] == everything
    assert f"2020/{name}" in now
    assert not find_photos([tmp_path]).ignored


def test_rules_hold_for_links_that_cannot_be_followed(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    (tmp_path / "loop").symlink_to("loop")
    for rule in ("loop", "loop/"):
        assert find_photos([tmp_path], [rule]).photos == [tmp_path / "a.jpg"]


def test_a_folder_that_breaks_off_keeps_what_was_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "sub/a.jpg", "sub/b.jpg", "c.jpg")
    scandir = os.scandir

    @contextlib.contextmanager
    def failing(folder: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
        def entries() -> Iterator[os.DirEntry[str]]:
            with scandir(folder) as listed:
                yield next(listed)
            raise OSError(5, "Input/output error")

        if Path(folder).name == "sub":
            yield entries()
        else:
            with scandir(folder) as listed:
                yield listed

    monkeypatch.setattr(os, "scandir", failing)
    photos = found(tmp_path)
    assert photos[0] == "c.jpg" or photos[-1] == "c.jpg"
    assert "sub" in photos
    assert len({"sub/a.jpg", "sub/b.jpg"} & set(photos)) == 1


def test_what_is_left_out_is_counted_by_kind(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b.jxl", "c.dng", "d.CR2", "e.cr2", "f.MP4", "g.mov", "notes.txt", "Makefile", "a.jpg.xmp")
    make(tmp_path, "Thumbs.db", "._a.jpg", ".hidden.jpg", ".private/x.jpg", ".DS_Store")
    (tmp_path / "2018").symlink_to(tmp_path / "unmounted")
    assert find_photos([tmp_path]).left_out == {
        "photos of kinds that harcli does not read": {".jxl": 1, ".dng": 1, ".cr2": 2},
        "videos": {".mp4": 1, ".mov": 1},
        "other files": {".txt": 1, "no ending": 1},
        "hidden files and folders": {".jpg": 1, ".private": 1},
        "links that lead nowhere": {"2018": 1},
    }


def test_what_is_named_or_ignored_is_not_counted(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b.mp4", "c.dng", "out/d.dng")
    found = find_photos([tmp_path, tmp_path / "b.mp4"], ["out/", "c.dng"])
    assert found.photos == [tmp_path / "a.jpg", tmp_path / "b.mp4"]
    assert found.left_out == {}
    assert find_photos([tmp_path, tmp_path]).left_out == {
        "videos": {".mp4": 1},
        "photos of kinds that harcli does not read": {".dng": 2},
    }


@pytest.mark.parametrize(
    "name",
    [
        *("@eaDir", "#recycle", "@Recycle", "$RECYCLE.BIN", "$Recycle.Bin", "__MACOSX", ".thumbnails", ".Trash-1000"),
        *("Recycle Bin", "trashbox", "~snapshot", "iPod Photo Cache", "files_trashbin", "@Transcode", ".Recycle.Bin"),
        *("Catalog Previews.lrdata", "Smart Previews.lrdata", "@Recently-Snapshot", "Mine.photoslibrary/resources"),
    ],
)
def test_recycle_bins_and_previews(tmp_path: Path, name: str) -> None:
    make(tmp_path, "a.jpg", f"{name}/b.jpg", f"sub/{name}/deep/c.jpg", "Mine.photoslibrary/originals/d.jpg")
    assert found(tmp_path) == ["a.jpg", "Mine.photoslibrary/originals/d.jpg"]
    assert find_photos([tmp_path]).left_out == {"recycle bins and previews": {Path(name).name: 2}}
    assert found(tmp_path, tmp_path / name) == [f"{name}/b.jpg"]


def test_folders_without_a_photo_are_told(tmp_path: Path) -> None:
    make(tmp_path, "full/a.jpg", "films/b.mp4")
    (tmp_path / "empty").mkdir()
    named = [tmp_path / name for name in ("full", "films", "empty", "gone.jpg")]
    assert find_photos(named).empty == [tmp_path / "films", tmp_path / "empty"]


def test_raw_files_on_demand(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b.NEF", "c.cr3")
    assert [path.name for path in find_photos([tmp_path], raw=True).photos] == ["a.jpg", "b.NEF", "c.cr3"]


@pytest.mark.usefixtures("bound_by_permissions")
def test_a_folder_that_may_not_be_listed_does_not_disappear(tmp_path: Path) -> None:
    make(tmp_path, "closed/a.jpg", "b.jpg")
    (tmp_path / "closed").chmod(0)
    try:
        assert found(tmp_path) == ["b.jpg", "closed"]
    finally:
        (tmp_path / "closed").chmod(0o700)
