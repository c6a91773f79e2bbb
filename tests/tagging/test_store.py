"""What was found once is not computed again, and never taken for something else."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from harcli.errors import HarcliError
from harcli.photos.errors import PhotoError
from harcli.results import Record
from harcli.tagging import content, source, store_contents
from harcli.tagging.tagger import Tagger


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were made a moment ago are taken for settled ones."""
    monkeypatch.setattr(content, "SETTLED", -1e9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten different photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(10):
        Image.new("RGB", (20 + i, 30), (25 * i, 200, 255 - 25 * i)).save(folder / f"{i}.png")
    return folder


def run(
    parts: SimpleNamespace, store: Path | None, paths: Iterable[Path], **options: object
) -> tuple[int, list[Record]]:
    """Photos that were detected in, and the records."""
    before = parts.detector.photos
    with Tagger(parts.model, parts.detector, store=store, **options) as tagger:  # type: ignore[arg-type]
        records = [record for records in tagger.tag_files(paths) for record in records]
        parts.other_settings = tagger.other_settings
    return parts.detector.photos - before, records


def test_the_second_run_computes_nothing_and_says_the_same(
    parts: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    paths = sorted(folder.iterdir())
    count, first = run(parts, tmp_path / "s" / "store.db", paths)
    again, second = run(parts, tmp_path / "s" / "store.db", paths)
    _, without = run(parts, None, paths)
    assert (count, again) == (10, 0)
    assert first == second == without
    assert len(first) == 20


def test_new_photos_are_computed_and_known_ones_not(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    paths = sorted(folder.iterdir())
    run(parts, tmp_path / "store.db", paths[2:7])
    count, records = run(parts, tmp_path / "store.db", paths)
    assert count == 5
    assert records == run(parts, None, paths)[1]


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


@pytest.mark.parametrize("what", ["model", "confidence"])
def test_other_settings_compute_anew_and_say_so(
    parts: SimpleNamespace, folder: Path, tmp_path: Path, what: str
) -> None:
    paths = sorted(folder.iterdir())
    run(parts, tmp_path / "store.db", paths)
    assert parts.other_settings == ""
    old_model = parts.model
    if what == "model":
        parts.model = parts.make_model("2")
    else:
        parts.detector.confidence = 0.7
    assert run(parts, tmp_path / "store.db", paths)[0] == 10
    assert (
        parts.other_settings
        == {
            "model": "model mean 2 instead of mean 1",
            "confidence": "confidence 0.7 instead of none",
        }[what]
    )
    parts.model = old_model
    if what == "confidence":
        del parts.detector.confidence
    assert run(parts, tmp_path / "store.db", paths)[0] == 0, "what the first settings found is still there"


def test_fresh_computes_anew_and_keeps_the_new(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    paths = sorted(folder.iterdir())
    shutil.copy(paths[0], folder / "copy.png")
    paths.append(folder / "copy.png")
    run(parts, tmp_path / "store.db", paths)
    assert run(parts, tmp_path / "store.db", paths, fresh=True)[0] == 10
    assert run(parts, tmp_path / "store.db", paths)[0] == 0


def test_choices_that_do_not_change_what_is_found_cost_nothing(
    parts: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    paths = sorted(folder.iterdir())
    everything = run(parts, tmp_path / "store.db", paths)[1]
    count, some = run(
        parts, tmp_path / "store.db", paths, without=["sex"], threshold={"hat": 0.9}, min_height=20, max_people=1
    )
    assert count == 0
    assert len(some) == 10
    assert {record.person for record in some} == {1}
    assert all(list(record.probabilities or ()) == list(parts.names[2:]) for record in some)
    assert [r.box for r in some] == [r.box for r in everything if r.person == 1]


def test_a_limit_on_megapixels_holds_for_known_photos_too(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    run(parts, tmp_path / "store.db", [folder / "1.png"])
    [record] = run(parts, tmp_path / "store.db", [folder / "1.png"], max_megapixels=0.0001)[1]
    assert "megapixels" in record.error


def test_a_run_that_fails_keeps_all_batches_but_the_one_at_work(
    parts: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    paths = sorted(folder.iterdir())
    recognise = parts.model.probabilities
    calls = iter(range(100))

    def fail_later(crops: list[object]) -> object:
        if next(calls) == 2:
            raise HarcliError("out of memory")
        return recognise(crops)

    parts.model.probabilities = fail_later
    with pytest.raises(HarcliError, match="out of memory"):
        run(parts, tmp_path / "store.db", paths)
    parts.model.probabilities = recognise
    count, records = run(parts, tmp_path / "store.db", paths)
    assert count == 6, "two batches, of four people in two photos each, are kept"
    assert records == run(parts, None, paths)[1]


@pytest.mark.parametrize("foreign", [b"no database at all, but text " * 9, b""])
def test_another_file_is_no_store(parts: SimpleNamespace, folder: Path, tmp_path: Path, foreign: bytes) -> None:
    path = tmp_path / "store.db"
    if foreign:
        path.write_bytes(foreign)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE mine (a)")
    before = path.read_bytes()
    with pytest.raises(HarcliError, match=r"store\.db: ") as caught:
        run(parts, path, [folder / "1.png"])
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    with pytest.raises(HarcliError):
        store_contents.remove(path)
    assert path.exists()


def test_contents_and_removal(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    run(parts, path, sorted(folder.iterdir()))
    parts.model = parts.make_model("2")
    run(parts, path, sorted(folder.iterdir())[:3])
    assert [(kept.photos, kept.model) for kept in store_contents.contents(path)] == [(10, "mean 1"), (3, "mean 2")]
    assert store_contents.remove_others(path) == 10
    assert [kept.photos for kept in store_contents.contents(path)] == [3]
    store_contents.remove(path)
    assert not path.exists()


def test_people_come_back_to_the_bit(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    """Not rounded: boxes are float64, probabilities float32."""
    path = [folder / "7.png"]
    first = run(parts, tmp_path / "store.db", path)[1]
    second = run(parts, tmp_path / "store.db", path)[1]
    assert [replace(r, path="") for r in first] == [replace(r, path="") for r in second]
    assert any(p != round(p, 6) for p in (first[0].probabilities or {}).values())


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
