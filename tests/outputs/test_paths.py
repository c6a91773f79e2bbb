"""Paths in results lead to the photos, whichever way they are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.outputs import OutputOptions, open_output, path_styler
from harcli.results import Record, RunInfo
from harcli.results.database import Results


def styled(style: str, folder: Path, path: str, target: Path) -> str:
    _, restyle = path_styler(style, RunInfo((), str(folder)), target)
    return restyle(Record(path, 1, 1)).path


@pytest.mark.parametrize(
    ("path", "absolute", "relative"),
    [
        ("photos/a.jpg", "photos/a.jpg", "../photos/a.jpg"),
        ("./photos//a.jpg", "photos/a.jpg", "../photos/a.jpg"),
        ("out/b.jpg", "out/b.jpg", "b.jpg"),
        ("../x.jpg", "../x.jpg", "../../x.jpg"),
        (os.fsdecode(b"\xff/\xfe.jpg"), os.fsdecode(b"\xff/\xfe.jpg"), os.fsdecode(b"../\xff/\xfe.jpg")),
        ("a\0b/c.jpg", "a\0b/c.jpg", "../a\0b/c.jpg"),
    ],
)
def test_styles(tmp_path: Path, path: str, absolute: str, relative: str) -> None:
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "x.csv"
    assert styled("named", tmp_path, path, target) == path
    assert styled("absolute", tmp_path, path, target) == os.path.normpath(f"{tmp_path}/{absolute}")
    assert styled("relative", tmp_path, path, target) == relative
    outside = styled("relative", tmp_path, "/elsewhere/a.jpg", target)
    assert os.path.normpath(target.parent / outside) == "/elsewhere/a.jpg"
    with pytest.raises(HarcliError, match="path style 'near': choose named, absolute or relative"):
        styled("near", tmp_path, path, target)


def test_for_standard_output_the_current_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert styled("relative", tmp_path, "photos/a.jpg", Path("-")) == "../photos/a.jpg"


def test_upwards_behind_symbolic_links(tmp_path: Path) -> None:
    """`..` after a link leads to the parent of the folder that the link means."""
    for folder in ("work", "disk/photos/deep", "disk/results"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "disk/photos/a.jpg").touch()
    (tmp_path / "work/out").symlink_to(tmp_path / "disk/results")
    (tmp_path / "work/deep").symlink_to(tmp_path / "disk/photos/deep")
    (tmp_path / "disk/results/photos").symlink_to(tmp_path / "disk/photos")
    work, target = tmp_path / "work", tmp_path / "work/out/x.csv"
    for path in ("../disk/photos/a.jpg", "deep/../a.jpg"):
        for style in ("absolute", "relative"):
            assert (target.parent / styled(style, work, path, target)).samefile(tmp_path / "disk/photos/a.jpg")
    assert styled("relative", tmp_path / "disk", "results/photos/a.jpg", target) == "photos/a.jpg", "it can be moved"


def test_a_database_and_its_photos_can_be_moved_together(tmp_path: Path) -> None:
    (tmp_path / "trip" / "photos").mkdir(parents=True)
    (tmp_path / "trip" / "photos" / "a.jpg").touch()
    target = tmp_path / "trip" / "attrs.db"
    info, restyle = path_styler("relative", RunInfo((), str(tmp_path)), target)
    with open_output(target, info, OutputOptions()) as sink:
        sink.write(restyle(Record("trip/photos/a.jpg", 1, 1)))
    (tmp_path / "trip").rename(tmp_path / "moved")
    with Results(tmp_path / "moved" / "attrs.db") as results:
        assert results.info.folder == str(tmp_path / "moved")
        assert [results.locate(record.path) for record in results.records()] == [tmp_path / "moved/photos/a.jpg"]


def test_a_database_knows_a_folder_that_is_not_utf8(tmp_path: Path) -> None:
    folder = os.fsdecode(b"/photos/\xff")
    with open_output(tmp_path / "a.db", RunInfo((), folder), OutputOptions()) as sink:
        sink.write(Record("a.jpg", 1, 1))
    with Results(tmp_path / "a.db") as results:
        assert results.info.folder == folder
