"""`harcli tag` as a process that is stopped, goes on, and is asked again."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals: run this on Linux or macOS")


def known(store: Path) -> int:
    """How many findings the store has; 0 if it is not there yet."""
    if not store.exists():
        return 0
    with sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM findings").fetchone()[0])
        except sqlite3.OperationalError:  # not made yet
            return 0


def many(photos: Path, count: int) -> None:
    """Photos that look the same and differ in content: bytes after a JPEG's end are not part of the picture."""
    data = (photos / "bus.jpg").read_bytes()
    for i in range(count):
        (photos / f"{i}.jpg").write_bytes(data + str(i).encode())


@POSIX
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_run_that_was_stopped_goes_on(
    harcli: Callable, photos: Path, tmp_path: Path, store: Path, number: signal.Signals, code: int
) -> None:
    many(photos, 26)
    command = [sys.executable, "-m", "harcli", "tag", "photos", "--out", "a.csv", "--batch-size", "4"]

    def sensitive() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=sensitive)
    for _ in range(1200):
        if known(store) >= 4:
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert not (tmp_path / "a.csv").exists()
    if number != signal.SIGKILL:
        assert "the same command goes on" in said
        assert "Traceback" not in said
    before = known(store)
    assert 4 <= before < 28

    done = harcli("tag", "photos", "--out", "a.csv", "--batch-size", "4")
    assert done.returncode == 0, done.stderr
    assert f"{before}" in next(line for line in done.stderr.splitlines() if "known before" in line)
    assert known(store) == 28
    # The same as a run that was never stopped. Batches hold other photos then, which moves the last digits.
    assert harcli("tag", "photos", "--out", "b.csv", "--no-store", "--batch-size", "4").returncode == 0
    stopped, whole = ((tmp_path / name).read_text().splitlines() for name in ("a.csv", "b.csv"))
    assert [line.split(",")[:4] for line in stopped] == [line.split(",")[:4] for line in whole]
    assert not [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] or number == signal.SIGKILL


def test_known_photos_are_not_computed_again(harcli: Callable, photos: Path, tmp_path: Path, store: Path) -> None:
    assert harcli("tag", "photos", "--out", "a.csv").returncode == 0
    shutil.move(photos, tmp_path / "moved")
    done = harcli("tag", "moved", "--out", "b.csv")
    assert "known before" in done.stderr
    first = (tmp_path / "a.csv").read_text()
    assert (tmp_path / "b.csv").read_text() == first.replace("photos/", "moved/")
    for option in ("--fresh", "--no-store"):
        assert "known before" not in harcli("tag", "moved", "--out", "b.csv", option).stderr
    done = harcli("tag", "moved", "--out", "c.csv", "--confidence", "0.7")
    assert "computing anew: confidence 0.7 instead of" in done.stderr
    assert known(store) == 4


def test_no_store_keeps_nothing(harcli: Callable, photos: Path, tmp_path: Path, store: Path) -> None:
    assert harcli("tag", "photos", "--out", "a.csv", "--no-store").returncode == 0
    assert not store.exists()
    assert harcli("tag", "photos", "--out", "a.csv", "--no-store", "--fresh").returncode == 2


def test_a_store_that_cannot_be_used(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = harcli("tag", "photos", "--out", "a.csv", "--store", "notes.txt")
    assert done.returncode == 1
    assert "notes.txt" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "a.csv").exists()


def test_nobody_is_told_to_remove_a_photo(harcli: Callable, photos: Path) -> None:
    photo = next(iter(sorted(photos.glob("*.jpg"))))
    before = photo.read_bytes()
    done = harcli("tag", "photos", "--out", "a.csv", "--store", photo)
    assert done.returncode == 1
    assert "the store cannot be used" in done.stderr
    assert "remove it" not in done.stderr
    assert photo.read_bytes() == before


def test_what_is_kept_is_shown_and_removed(harcli: Callable, photos: Path, store: Path) -> None:
    assert "nothing is kept" in harcli("store", "show").stdout
    harcli("tag", "photos", "--out", "a.csv")
    harcli("tag", "photos", "--out", "a.csv", "--confidence", "0.7")
    shown = harcli("store", "show").stdout
    assert shown.splitlines()[0] == str(store)
    assert shown.count("2 photos by da-har-lite2") == 2
    assert harcli("store", "clear", "--others").returncode == 0
    assert "(--confidence 0.7)" in harcli("store", "show").stdout
    assert harcli("store", "show").stdout.count("photos by") == 1
    assert harcli("store", "clear").returncode == 0
    assert not store.exists()


def test_choices_after_the_fact(harcli: Callable, photos: Path, tmp_path: Path, rows: Callable) -> None:
    harcli("tag", "photos", "--out", "all.json")
    everything = json.loads((tmp_path / "all.json").read_text())["records"]
    done = harcli(
        *("tag", "photos", "--out", "some.csv", "--out", "some.json"),
        *("--attributes", "hat,lower-body", "--threshold", "0.9", "--threshold", "hat=0.01", "--max-people", "1"),
    )
    assert done.returncode == 0, done.stderr
    some = json.loads((tmp_path / "some.json").read_text())
    limits = {a["name"]: a["threshold"] for a in some["harcli"]["attributes"]}
    assert limits == {name: 0.01 if name == "hat" else 0.9 for name in limits}
    assert set(limits) <= {"hat", "long-pants", "jeans", "shorts", "skirt", "dress", "leg-wear", "belt"}
    assert len(some["records"]) == 2
    for record in some["records"]:
        of_photo = [r for r in everything if r["path"] == record["path"]]
        areas = [(r["x2"] - r["x1"]) * (r["y2"] - r["y1"]) for r in of_photo]
        largest = of_photo[areas.index(max(areas))]
        assert [record[key] for key in ("x1", "y1", "x2", "y2")] == [largest[key] for key in ("x1", "y1", "x2", "y2")]
        assert ("hat" in record["tags"]) == (largest["probabilities"]["hat"] >= 0.01)
    assert [(r["path"], r["tags"]) for r in rows(tmp_path / "some.csv")] == [
        (r["path"], ";".join(r["tags"])) for r in some["records"]
    ]
