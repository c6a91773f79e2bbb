"""`harcli tag --on ray` of photos and a video in a bucket and to it, on a cluster that the command starts on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("ray", reason="a cluster needs ray: pip install '.[dev]'")

Rows = Callable[[Path], list[dict[str, Any]]]


def test_a_changed_object_is_tagged_again_and_the_others_are_not(
    bucket: Any,
    harcli: Callable,
    tiny_model: Path,
    make_film: Callable,
    pan: Callable,
    dataset_rows: Rows,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "local")  # no cluster of somebody else on this machine
    (tmp_path / "photos").mkdir()
    for number in range(9):
        file = tmp_path / "photos" / f"{number}.png"
        Image.new("RGB", (60, 90), (20 * number, 250, 10)).save(file)
        bucket.put(f"2024/{file.name}", file)
    bucket.put("2024/clip.mp4", make_film("clip.mp4", pan(21)))
    command = ("tag", "s3://photos/2024/", "--out", "s3://photos/tags/", "--on", "ray", "--concurrency", "1")
    options = ("--no-detect", "--model", tiny_model)
    done = harcli(*command, *options, timeout=1200)
    assert done.returncode == 0, done.stderr
    bucket.put("2024/3.png", tmp_path / "photos" / "4.png")
    again = harcli(*command, *options, timeout=1200)
    assert again.returncode == 0, again.stderr
    assert "9 of 10 photos are in s3://photos/tags/ already" in again.stderr
    (tmp_path / "tags").mkdir()
    for name in bucket.names():
        if name.startswith("tags/"):
            (tmp_path / name).write_bytes(bucket.get(name))
            assert b"nobodys-secret" not in bucket.get(name)
    there = dataset_rows(tmp_path / "tags")
    paths = [f"s3://photos/2024/{number}.png" for number in range(9)]
    assert [row["path"] for row in there] == [*paths, "s3://photos/2024/clip.mp4"]
    assert (there[9]["track"], there[9]["time_start"], there[9]["time_end"]) == (1, 0, 2)
    assert there[3]["jeans"] == there[4]["jeans"]
    assert harcli("tag", "s3://photos/2024/", "--out", "one/", "--no-store", *options).returncode == 0
    assert dataset_rows(tmp_path / "one") == there
