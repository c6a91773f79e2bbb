"""`harcli tag` as a process, from a bucket and to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rows = Callable[[Path], list[dict[str, str]]]


@pytest.fixture
def filled(bucket: Any, assets: Path) -> Any:
    """`photos` with two photos below `2024/`, and what is no photo."""
    bucket.put("2024/bus.jpg", assets / "bus.jpg")
    bucket.put("2024/more/zidane.jpg", assets / "zidane.jpg")
    bucket.put("2024/notes.txt", b"no photo")
    bucket.put("2023/bus.jpg", assets / "bus.jpg")
    return bucket


def test_from_a_bucket_to_it(
    harcli: Callable, filled: Any, trouble: Any, rows: Rows, photos: Path, tmp_path: Path
) -> None:
    """The same records as of files; a second run reads no photo; no credential is in anything that is left."""
    out = ("--out", "s3://photos/tags/a.csv")
    done = harcli("tag", "s3://photos/2024/", *out)
    assert (done.returncode, done.stdout) == (0, "")
    assert "s3://photos/tags/a.csv" in done.stderr
    assert "1 other file left out: .txt" in done.stderr
    (tmp_path / "remote.csv").write_bytes(filled.get("tags/a.csv"))
    assert harcli("tag", photos, "--out", "local.csv", "--no-store").returncode == 0
    here, there = rows(tmp_path / "local.csv"), rows(tmp_path / "remote.csv")
    assert list(dict.fromkeys(row["path"] for row in there)) == [
        "s3://photos/2024/bus.jpg",
        "s3://photos/2024/more/zidane.jpg",
    ]
    unnamed = [[{k: v for k, v in row.items() if k != "path"} for row in table] for table in (here, there)]
    assert unnamed[0] == unnamed[1]

    trouble.seen.clear()
    again = harcli("tag", "s3://photos/2024/", *out)
    assert again.returncode == 0
    assert "of these known before" in again.stderr
    assert trouble.gets(".jpg") == 0, "known objects are read again"
    assert filled.get("tags/a.csv") == (tmp_path / "remote.csv").read_bytes()
    everything = done.stderr + again.stderr + filled.get("tags/a.csv").decode()
    assert "nobodys-secret" not in everything
    assert "somebody" not in everything


def test_videos_in_a_bucket(
    harcli: Callable, bucket: Any, trouble: Any, make_film: Callable, pan: Callable, rows: Rows, tmp_path: Path
) -> None:
    """The same records as of files, once for a Live Photo; known ones are not read again."""
    film = make_film("clips/a.mp4", pan(21))
    bucket.put("clips/a.mp4", film)
    bucket.put("clips/live.MOV", film)
    bucket.put("clips/live.heic", b"no photo")
    command = ("tag", "s3://photos/clips/", "--ignore", "*.heic", "--out", "remote.csv")
    done = harcli("tag", "s3://photos/clips/", "--out", "remote.csv")
    assert "1 video of a Live Photo left out: .mov; --live-videos takes them" in done.stderr
    assert harcli("tag", "clips", "--out", "local.csv", "--no-store").returncode == 0
    table = rows(tmp_path / "remote.csv")
    assert table[0]["path"] == "s3://photos/clips/a.mp4"
    assert [[*row.values()][1:] for row in table[:-1]] == [[*row.values()][1:] for row in rows(tmp_path / "local.csv")]
    trouble.seen.clear()
    again = harcli(*command, "--live-videos")
    assert again.returncode == 0, again.stderr
    assert (trouble.gets("a.mp4"), trouble.gets("live.MOV")) == (0, 1)
    assert "of these known before" in again.stderr


def test_the_store_has_no_credentials(harcli: Callable, filled: Any, store: Path) -> None:
    assert harcli("tag", "s3://photos/2024/", "--out", "a.csv").returncode == 0
    assert b"s3://photos/2024/bus.jpg" in store.read_bytes()
    assert b"somebody" not in store.read_bytes()
    assert b"nobodys-secret" not in store.read_bytes()


def test_another_etag_is_read_again(
    harcli: Callable, filled: Any, trouble: Any, assets: Path, rows: Rows, tmp_path: Path
) -> None:
    harcli("tag", "s3://photos/2024/", "--out", "a.csv")
    filled.put("2024/bus.jpg", assets / "zidane.jpg")
    trouble.seen.clear()
    assert harcli("tag", "s3://photos/2024/", "--out", "b.csv").returncode == 0
    assert (trouble.gets("bus.jpg"), trouble.gets("zidane.jpg")) == (1, 0)
    first = next(row for row in rows(tmp_path / "b.csv") if row["path"].endswith("bus.jpg"))
    assert (first["width"], first["height"]) == ("1280", "720")


def test_one_object_and_a_list_of_objects(harcli: Callable, filled: Any, rows: Rows, tmp_path: Path) -> None:
    assert harcli("tag", "s3://photos/2023/bus.jpg", "--out", "a.csv").returncode == 0
    assert {row["path"] for row in rows(tmp_path / "a.csv")} == {"s3://photos/2023/bus.jpg"}
    listed = "s3://photos/2023/bus.jpg\ns3://photos/2024/more/zidane.jpg\n"
    assert harcli("tag", "-", "--out", "b.csv", input=listed).returncode == 0
    assert list(dict.fromkeys(row["path"] for row in rows(tmp_path / "b.csv"))) == listed.split()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("s3://nowhere/2024/", "--out", "a.csv"), "s3://nowhere/2024/: cannot be listed: no such object"),
        (("s3://photos/gone.jpg", "--out", "a.csv"), "s3://photos/gone.jpg: cannot be listed: no such object"),
        (("s3://photos/empty/", "--out", "a.csv"), "s3://photos/empty/: no photos were found"),
        (("s3://photos/2024/", "--out", "s3://nowhere/a.csv"), "s3://nowhere/a.csv: there is no 'nowhere'"),
        (("s3://photos/2024/", "--out", "s3://photos/a.txt"), "must end in .csv"),
        (("s3://photos/2024/", "--out", "https://127.0.0.1/a.csv"), "results cannot be written to https"),
        (("s3://photos/2024/", "--xmp"), "not beside photos at a URL"),
        (("s3://photos/2024/", "--save-crops", "crops"), "not from photos at a URL"),
        (("nosuch://photos/", "--out", "a.csv"), "'nosuch' is no kind of URL that can be read"),
    ],
)
def test_mistakes_get_one_line(harcli: Callable, filled: Any, arguments: tuple[str, ...], said: str) -> None:
    done = harcli("tag", *arguments)
    assert done.returncode in (1, 2)
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_the_wrong_key_gets_one_line(harcli: Callable, filled: Any, trouble: Any) -> None:
    trouble.answer = lambda method, path: "403"
    done = harcli("tag", "s3://photos/2024/", "--out", "a.csv")
    assert done.returncode == 1
    assert "s3://photos/2024/: cannot be listed: access denied" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_results_that_cannot_be_brought_are_kept(
    harcli: Callable, filled: Any, trouble: Any, rows: Rows, tmp_path: Path
) -> None:
    trouble.answer = lambda method, path: "403" if method in ("PUT", "POST") else None
    done = harcli("tag", "s3://photos/2024/", "--out", "s3://photos/a.csv")
    assert done.returncode == 1
    assert f"the results are in {tmp_path / 'a.csv'}" in done.stderr
    assert len({row["path"] for row in rows(tmp_path / "a.csv")}) == 2
    assert "a.csv" not in filled.names()


def test_etag_is_kept_with_the_stamp_of_files(harcli: Callable, filled: Any, store: Path) -> None:
    harcli("tag", "s3://photos/2023/", "--out", "a.csv")
    with sqlite3.connect(store) as connection:
        [(path, device, size)] = connection.execute("SELECT path, device, size FROM files").fetchall()
    assert (path, device) == (b"s3://photos/2023/bus.jpg", -1)
    assert size == len(filled.get("2023/bus.jpg"))
