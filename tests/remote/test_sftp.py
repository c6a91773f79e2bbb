"""Photos and results on a real SFTP server, paramiko's."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

pytest.importorskip("paramiko", reason="an SFTP server to test with is missing: pip install '.[dev]'")
from tests.remote.sftp_server import PASSWORD, USER, serving

if TYPE_CHECKING:
    from tests.remote.sftp_server import Server

Rows = Callable[[Path], list[dict[str, str]]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "there" / "photos").mkdir(parents=True)
    with serving(tmp_path / "there") as started:
        yield started


@pytest.fixture
def tag(harcli: Callable, tiny_model: Path) -> Callable:
    """Each image as one person, so that a test is about reading alone."""
    return lambda *arguments, **options: harcli("tag", "--no-detect", "--model", tiny_model, *arguments, **options)


def fill(server: Server, count: int) -> None:
    """Small photos, `00.png` and so on."""
    for number in range(count):
        Image.new("RGB", (60, 90), (250, number, 10)).save(server.folder / "photos" / f"{number:02}.png")


def test_from_a_server_to_it(
    harcli: Callable, server: Server, assets: Path, photos: Path, rows: Rows, tmp_path: Path
) -> None:
    """The same records as of files; a second run computes nothing; no password is in anything that is left."""
    (server.folder / "photos" / "more").mkdir()
    shutil.copy(assets / "bus.jpg", server.folder / "photos")
    shutil.copy(assets / "zidane.jpg", server.folder / "photos" / "more")
    (server.folder / "photos" / "notes.txt").write_text("no photo")
    done = harcli("tag", server.url("photos/"), "--out", server.url("attrs.csv"))
    assert done.returncode == 0, done.stderr
    assert "1 other file left out: .txt" in done.stderr
    assert harcli("tag", photos, "--out", "local.csv", "--no-store").returncode == 0
    here, there = rows(tmp_path / "local.csv"), rows(server.folder / "attrs.csv")
    place = f"sftp://127.0.0.1:{server.port}/photos"
    assert list(dict.fromkeys(row["path"] for row in there)) == [f"{place}/bus.jpg", f"{place}/more/zidane.jpg"]
    unnamed = [[{k: v for k, v in row.items() if k != "path"} for row in table] for table in (here, there)]
    assert unnamed[0] == unnamed[1]

    before = (server.folder / "attrs.csv").read_bytes()
    again = harcli("tag", server.url("photos/"), "--out", server.url("attrs.csv"))
    assert again.returncode == 0
    assert "of these known before" in again.stderr
    assert (server.folder / "attrs.csv").read_bytes() == before
    everything = done.stderr + again.stderr + before.decode()
    assert PASSWORD not in everything
    assert USER not in everything
    assert sorted(path.name for path in server.folder.iterdir()) == ["attrs.csv", "photos"], "half-written files"


def test_many_photos_by_several_threads(tag: Callable, server: Server, rows: Rows, tmp_path: Path) -> None:
    """Threads that shared a connection waited for one another's answers for ever."""
    fill(server, 40)
    done = tag(server.url("photos/"), "--no-store", "--out", "o.csv", timeout=120)
    assert done.returncode == 0, done.stderr
    assert [Path(row["path"]).name for row in rows(tmp_path / "o.csv")] == [f"{number:02}.png" for number in range(40)]
    assert 1 < server.connections < 20


def test_a_server_that_hangs_up_is_asked_again(tag: Callable, server: Server, rows: Rows, tmp_path: Path) -> None:
    fill(server, 3)
    hung_up: set[str] = set()

    def answer(name: str) -> str | None:
        if name in hung_up:
            return None
        hung_up.add(name)
        return "closed"

    server.answer = answer
    done = tag(server.url("photos/"), "--no-store", "--out", "o.csv")
    assert done.returncode == 0, done.stderr
    assert [row["error"] for row in rows(tmp_path / "o.csv")] == ["", "", ""]
    assert hung_up == {"00.png", "01.png", "02.png"}


def test_what_comes_by_half_is_an_error_of_that_photo(
    tag: Callable, server: Server, rows: Rows, tmp_path: Path
) -> None:
    fill(server, 2)
    server.answer = lambda name: "shorter" if name == "00.png" else None
    done = tag(server.url("photos/"), "--no-store", "--out", "o.csv")
    assert done.returncode == 3
    first, second = rows(tmp_path / "o.csv")
    assert "bytes came" in first["error"]
    assert second["error"] == ""


def test_a_folder_that_may_not_be_listed(tag: Callable, server: Server, rows: Rows, tmp_path: Path) -> None:
    fill(server, 1)
    (server.folder / "photos" / "private").mkdir()
    server.closed = ("private",)
    done = tag(server.url("photos/"), "--no-store", "--out", "o.csv")
    assert done.returncode == 3
    errors = {Path(row["path"]).name: row["error"] for row in rows(tmp_path / "o.csv")}
    assert errors["00.png"] == ""
    assert "ermission" in errors["private"] or "denied" in errors["private"]


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_one_line(tag: Callable, server: Server, password: str) -> None:
    fill(server, 1)
    done = tag(server.url("photos/", password), "--no-store", "--out", "o.csv")
    assert done.returncode == 1
    assert done.stderr.startswith(f"harcli: sftp://127.0.0.1:{server.port}/photos/: ")
    assert done.stderr.count("\n") == 1
    assert USER not in done.stderr
    assert "wrong" not in done.stderr
