"""`harcli tag --out tags/`: a folder of Parquet files that later runs add to."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="Parquet needs pip install '.[dev]'")

from PIL import Image

Said = Callable[..., Any]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """`photos` with four small ones that have been there for long, and a file that is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        Image.new("RGB", (60, 90), (60 * number, 250, 10)).save(folder / f"{number}.png")
    (folder / "bad.jpg").write_bytes(b"no photo")
    for file in folder.iterdir():
        os.utime(file, (1e9, 1e9))
    return tmp_path


@pytest.fixture
def tag(harcli: Callable, tiny_model: Path, work: Path) -> Said:
    """`tag(*arguments)`: tags `photos` without looking for people, and without the store."""

    def run(*arguments: str | Path, code: int = 3) -> Any:
        done = harcli("tag", "photos", "--no-detect", "--model", tiny_model, "--no-store", *arguments)
        assert done.returncode == code, done.stderr
        return done

    return run


def table(folder: Path) -> list[dict[str, Any]]:
    """All rows of a data set with their stamps, by path."""
    from pyarrow import dataset

    rows = dataset.dataset(folder, format="parquet").to_table().to_pylist()
    return sorted(rows, key=lambda row: (row["path"], row["person"]))


def test_the_records_are_those_of_a_file(tag: Said, work: Path, dataset_rows: Callable) -> None:
    tag("--out", "tags/", "--out", "tags.parquet")
    assert dataset_rows(work / "tags") == table(work / "tags.parquet")
    [row] = [row for row in table(work / "tags") if row["path"].endswith("1.png")]
    assert row["photo_bytes"] == (work / "photos" / "1.png").stat().st_size
    assert row["photo_modified"] == 10**18
    about = json.loads((work / "tags" / "_run.json").read_text())
    assert about["settings"]["model"] == about["harcli"]["model"]["name"] + " " + about["harcli"]["model"]["version"]


def test_what_was_tagged_is_skipped_and_errors_are_tried_again(tag: Said, work: Path) -> None:
    tag("--out", "tags/")
    before = set((work / "tags").iterdir())
    shutil.copy(work / "photos" / "1.png", work / "photos" / "bad.jpg")
    os.utime(work / "photos" / "bad.jpg", (1e9, 1e9))
    done = tag("--out", "tags", code=0)
    assert "skipped, in the results already │ 4" in done.stderr
    assert len(set((work / "tags").iterdir()) - before) == 1
    assert [(row["path"], row["error"]) for row in table(work / "tags")] == [
        (f"photos/{name}", None) for name in ("0.png", "1.png", "2.png", "3.png", "bad.jpg")
    ]
    names = {file.name for file in (work / "tags").iterdir()}
    assert "skipped, in the results already │ 5" in tag("--out", "tags/", code=0).stderr
    assert {file.name for file in (work / "tags").iterdir()} == names


def test_a_photo_that_has_changed_gets_new_rows_in_place_of_the_old_ones(
    tag: Said, work: Path, harcli: Callable
) -> None:
    tag("--out", "tags/")
    old = table(work / "tags")
    Image.new("RGB", (60, 90), (250, 0, 250)).save(work / "photos" / "2.png")
    os.utime(work / "photos" / "2.png", (1.1e9, 1.1e9))
    assert "already │ 3" in tag("--out", "tags/").stderr
    new = table(work / "tags")
    assert [row["path"] for row in new] == [row["path"] for row in old]
    assert [a["path"] for a, b in zip(new, old, strict=True) if a != b] == ["photos/2.png"]
    assert harcli("find", "tags", "female").returncode == 0


def test_a_sidecar_beside_a_photo_counts_as_a_change(tag: Said, work: Path) -> None:
    tag("--out", "tags/")
    (work / "photos" / "2.png.xmp").write_text("<x/>")
    os.utime(work / "photos" / "2.png.xmp", (1.2e9, 1.2e9))
    assert "already │ 3" in tag("--out", "tags/").stderr


def test_a_photo_of_just_now_is_not_taken_for_known(tag: Said, work: Path) -> None:
    """Within the clock's resolution it may change without a sign."""
    os.utime(work / "photos" / "3.png", (time.time() + 60, time.time() + 60))
    tag("--out", "tags/")
    assert "already │ 3" in tag("--out", "tags/").stderr


def test_fresh_replaces_all(tag: Said, work: Path, harcli: Callable, tiny_model: Path) -> None:
    tag("--out", "tags/")
    parts = {file.name for file in (work / "tags").glob("*.parquet")}
    before = table(work / "tags")
    done = harcli("tag", "photos", "--no-detect", "--model", tiny_model, "--fresh", "--out", "tags/")
    assert done.returncode == 3
    assert "already" not in done.stderr
    assert not parts & {file.name for file in (work / "tags").glob("*.parquet")}
    assert table(work / "tags") == before


def test_rows_of_other_photos_stay(tag: Said, work: Path, harcli: Callable, tiny_model: Path) -> None:
    tag("--out", "tags/")
    (work / "more").mkdir()
    shutil.copy(work / "photos" / "1.png", work / "more")
    done = harcli("tag", "more", "--no-detect", "--model", tiny_model, "--no-store", "--out", "tags/")
    assert done.returncode == 0, done.stderr
    assert [row["path"] for row in table(work / "tags")][:2] == ["more/1.png", "photos/0.png"]
    assert len(table(work / "tags")) == 6


def test_another_destination_still_gets_all(tag: Said, work: Path, rows: Callable) -> None:
    tag("--out", "tags/")
    tag("--out", "tags/", "--out", "all.csv")
    assert len(rows(work / "all.csv")) == 5
    assert len(table(work / "tags")) == 5


def test_find_reads_what_was_written(tag: Said, work: Path, harcli: Callable) -> None:
    tag("--out", "tags/", "--threshold", "0.5")
    found = harcli("find", "tags", "female")
    assert found.stdout.splitlines() == [f"photos/{number}.png" for number in range(4)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "photos/"), "photos/: holds other files"),
        (("--out", "nowhere/tags/"), "there is no folder nowhere; make it first"),
        (("--out", "photos/0.png/"), "is not a folder"),
        (("--out", "tags/", "--long"), "has no long form"),
        (("--out", "tags/", "--format", "csv"), "gets Parquet files, not csv"),
        (("--out", "tags/", "--csv-safe"), "gets no CSV"),
        (("--out", "tags/", "--out", "tags/"), "is named twice"),
        (("--out", "tags/", "--out", "photos/../tags/"), "is named twice"),
    ],
)
def test_mistakes_get_one_line(
    harcli: Callable, tiny_model: Path, work: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = harcli("tag", "photos", "--no-detect", "--model", tiny_model, *arguments)
    assert done.returncode in (1, 2)
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert not (work / "tags").exists()


def test_other_settings_want_another_folder(tag: Said, work: Path) -> None:
    tag("--out", "tags/")
    before = table(work / "tags")
    done = tag("--out", "tags/", "--without", "hat", code=1)
    assert "tags/: its records were made otherwise (attributes" in done.stderr
    assert table(work / "tags") == before


def test_a_damaged_part_is_named(tag: Said, work: Path) -> None:
    tag("--out", "tags/")
    (part,) = (work / "tags").glob("*.parquet")
    part.write_bytes(part.read_bytes()[:-30])
    done = tag("--out", "tags/", code=1)
    assert f"harcli: tags/{part.name}: damaged" in done.stderr
    assert len(done.stderr.splitlines()) == 1
