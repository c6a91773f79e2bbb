"""`harcli tag --on ray` as a process, on a real cluster of two nodes on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("ray", reason="a cluster needs ray: pip install '.[dev]'")

Rows = Callable[[Path], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def cluster(make_cluster: Callable[[], Any]) -> Any:
    return make_cluster()


@pytest.fixture
def on(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command finds the cluster by the environment."""
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    return cluster


def small_photos(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        Image.new("RGB", (60, 90), (10 * number % 256, 250, 10)).save(folder / f"{number}.png")
        os.utime(folder / f"{number}.png", (1e9, 1e9))


def test_the_records_of_one_machine_and_a_photo_that_kills(
    on: Any, harcli: Callable, photos: Path, deaths: Path, dataset_rows: Rows, tmp_path: Path
) -> None:
    """With the built-in models; then again: all is known."""
    for number in range(3):
        shutil.copy(photos / "bus.jpg", photos / f"bus{number}.jpg")
    (photos / "bad.jpg").write_bytes(b"no photo")
    assert harcli("tag", "photos", "--out", "here/", "--no-store").returncode == 3
    shutil.copy(photos / "zidane.jpg", photos / "killer.jpg")
    for file in photos.iterdir():
        os.utime(file, (1e9, 1e9))

    done = harcli("tag", "photos", "--out", "there/", "--on", "ray", timeout=1200)
    assert done.returncode == 3, done.stderr
    assert "2 of 7 files could not be read" in done.stderr
    assert "died" not in done.stderr
    assert "raylet" not in done.stderr
    assert done.stdout == ""
    assert len(deaths.read_text().splitlines()) == 3
    there = dataset_rows(tmp_path / "there")
    [killer] = [row for row in there if row["path"] == "photos/killer.jpg"]
    assert killer["error"] == "it has ended three processes that looked at it, and is not looked at any more"
    here = dataset_rows(tmp_path / "here")
    assert [row for row in there if row is not killer] == here
    about = json.loads((tmp_path / "there" / "_run.json").read_text())
    assert about == json.loads((tmp_path / "here" / "_run.json").read_text())
    assert len(list((tmp_path / "there").glob("*.parquet"))) == 7

    again = harcli("tag", "photos", "--out", "there/", "--on", "ray", timeout=1200)
    assert "6 of 7 photos are in there/ already, and are skipped" in again.stderr
    assert len(deaths.read_text().splitlines()) == 3
    assert dataset_rows(tmp_path / "there") == there
    found = harcli("find", "there", "long-sleeves")
    assert "photos/bus.jpg" in found.stdout.splitlines()


@pytest.mark.slow
def test_a_node_dies_in_the_middle(
    make_cluster: Callable[[], Any], harcli: Callable, tiny_model: Path, dataset_rows: Rows, tmp_path: Path
) -> None:
    """Its blocks are done by the other one: no photo is lost, and none is there twice."""
    cluster = make_cluster()
    small_photos(tmp_path / "photos", 400)
    command = ("tag", "photos", "--out", "tags/", "--on", "ray", "--no-detect", "--model", tiny_model, "--threads", "1")
    environment = {**os.environ, "RAY_ADDRESS": cluster.address}
    with subprocess.Popen(
        [sys.executable, "-m", "harcli", *command], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as running:
        while running.poll() is None and len(list((tmp_path / "tags").glob("*.parquet"))) < 2:
            time.sleep(0.05)
        cluster.remove_node(cluster.second, allow_graceful=False)
        _, said = running.communicate(timeout=1500)
    assert running.returncode == 0, said
    paths = [row["path"] for row in dataset_rows(tmp_path / "tags")]
    assert sorted(paths) == sorted(f"photos/{number}.png" for number in range(400))
