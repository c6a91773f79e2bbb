"""How the store knows photos again, those moved, copied, changed or lost too; none is taken for another."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from harcli.photos.errors import PhotoError
from harcli.tagging import content, source
from tests.tagging.conftest import run

pytestmark = pytest.mark.usefixtures("settled")


def test_a_moved_photo_is_recognised(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    run(parts, tmp_path / "store.db", sorted(folder.iterdir()))
    folder.rename(tmp_path / "elsewhere")
    moved = sorted((tmp_path / "elsewhere").iterdir())
    count, records = run(parts, tmp_path / "store.db", moved)
    assert count == 0
    assert [record.path for record in records[::2]] == [str(path) for path in moved]


def test_equal_photos_are_computed_once(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    for i in range(30):
        shutil.copy(folder / "3.png", folder / f"copy{i}.png")
    paths = sorted(folder.iterdir())
    count, records = run(parts, tmp_path / "store.db", paths)
    assert count == 10
    assert records == run(parts, None, paths)[1]


def test_equal_damaged_photos_each_have_their_error(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    for i in range(9):
        (folder / f"bad{i}.jpg").write_bytes(b"no photo")
    records = run(parts, tmp_path / "store.db", sorted(folder.iterdir()))[1]
    assert sum("not a photo" in record.error for record in records) == 9
    assert run(parts, tmp_path / "store.db", sorted(folder.iterdir()))[1] == records


def decoding(monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], None]) -> None:
    """What happens to a file after it was looked up, and before it is decoded."""
    decode = source.decode_guarded

    def acting(path: Path, *arguments: Any, **more: Any) -> object:
        act(path)
        return decode(path, *arguments, **more)

    monkeypatch.setattr(source, "decode_guarded", acting)


@pytest.mark.parametrize("what", ["vanishes", "is replaced by no photo", "cannot be read"])
def test_a_photo_that_is_lost_does_not_take_its_twins_with_it(
    parts: SimpleNamespace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    first, twins = folder / "0.png", [folder / "twin1.png", folder / "twin2.png"]
    for twin in twins:
        shutil.copy(first, twin)

    def act(path: Path) -> None:
        if path == first and what == "vanishes":
            path.unlink()
        elif path == first and what == "is replaced by no photo":
            path.write_text("another file, half copied")
        elif path == first:
            raise PhotoError(path, "input/output error") from OSError(5, "Input/output error")

    decoding(monkeypatch, act)
    count, records = run(parts, tmp_path / "store.db", [first, *twins], workers=1)
    assert records[0].error
    assert [record.error for record in records[1:]] == [""] * 4
    assert count == 1, "of two twins that are left, one"
    assert run(parts, tmp_path / "store.db", twins)[0] == 0


def test_a_twin_keeps_to_the_largest_size_of_this_run(
    parts: SimpleNamespace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, twin = folder / "0.png", folder / "twin.png"
    shutil.copy(first, twin)
    for known in (False, True):
        if known:
            run(parts, tmp_path / "store.db", [twin])
        else:
            decoding(monkeypatch, lambda path: path.unlink() if path == first else None)
        records = run(parts, tmp_path / "store.db", [first, twin], max_megapixels=0.0001, workers=1)[1]
        assert "more than" in records[-1].error
        shutil.copy(twin, first)


def test_a_photo_that_is_cut_off_says_so_each_time(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    paths = [folder / "cut.jpg", folder / "twin.jpg"]
    Image.new("RGB", (64, 64), (200, 100, 50)).save(paths[0])
    for path in reversed(paths):
        path.write_bytes(paths[0].read_bytes()[:-2])
    for _ in range(2):
        count, records = run(parts, tmp_path / "store.db", paths)
        assert [(record.error, record.note, record.width) for record in records] == [("", "cut off at its end", 64)] * 4
        assert count == 1


def test_errors_that_pass_are_not_kept(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    gone, path = tmp_path / "gone.png", folder / "1.png"
    path.rename(gone)
    [missing] = run(parts, tmp_path / "store.db", [path])[1]
    assert missing.error == "no such file"
    gone.rename(path)
    assert run(parts, tmp_path / "store.db", [path])[1][0].error == ""


def test_another_content_under_the_same_name_size_and_time(
    parts: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    path = folder / "1.bmp"
    Image.new("RGB", (20, 30), (255, 0, 0)).save(path)
    status = path.stat()
    run(parts, tmp_path / "store.db", [path])
    Image.new("RGB", (20, 30), (0, 0, 255)).save(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    count, records = run(parts, tmp_path / "store.db", [path])
    assert count == 1
    assert records == run(parts, None, [path])[1]


def test_a_file_of_a_moment_ago_is_read_again(
    parts: SimpleNamespace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "SETTLED", 1e9)
    run(parts, tmp_path / "store.db", [folder / "1.png"])
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("SELECT count(*) FROM files").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM findings").fetchone() == (1,)


def test_unchanged_files_are_not_read(
    parts: SimpleNamespace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = sorted(folder.iterdir())
    run(parts, tmp_path / "store.db", paths)
    monkeypatch.setattr("harcli.tagging.store.digest", lambda path: pytest.fail(f"{path} was read"))
    assert run(parts, tmp_path / "store.db", paths)[0] == 0


def test_a_photo_that_its_sidecar_turns_is_another_one(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    one, twin, store = folder / "0.png", folder / "twin.png", tmp_path / "store.db"
    shutil.copy(one, twin)
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'

    def sizes(orientation: int) -> tuple[int, dict[str, tuple[int | None, int | None]]]:
        text = f'<rdf:RDF {rdf}><rdf:Description rdf:about="" tiff:Orientation="{orientation}"/></rdf:RDF>'
        (folder / "twin.png.xmp").write_text(text)
        count, records = run(parts, store, [one, twin])
        return count, {Path(record.path).name: (record.width, record.height) for record in records}

    as_it_is = {"0.png": (20, 30), "twin.png": (20, 30)}
    turned = {"0.png": (20, 30), "twin.png": (30, 20)}
    assert [sizes(orientation) for orientation in (1, 6, 6, 1)] == [
        (1, as_it_is),
        (1, turned),
        (0, turned),
        (0, as_it_is),
    ]
