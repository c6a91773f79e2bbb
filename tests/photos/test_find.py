"""Which files are taken, in which order."""

from __future__ import annotations

import os
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
    make(tmp_path, "a.jpg", "a.txt", "a.mp4", "noending", "b.jpeg", "c.HEIC", "d.heif", "e.hif", "f.avif")
    assert found(tmp_path) == ["a.jpg", "b.jpeg", "c.HEIC", "d.heif", "e.hif", "f.avif"]
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


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may list any folder")
def test_a_folder_that_may_not_be_listed_does_not_disappear(tmp_path: Path) -> None:
    make(tmp_path, "closed/a.jpg", "b.jpg")
    (tmp_path / "closed").chmod(0)
    try:
        assert found(tmp_path) == ["b.jpg", "closed"]
    finally:
        (tmp_path / "closed").chmod(0o700)
