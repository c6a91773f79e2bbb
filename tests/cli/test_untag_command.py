"""`harcli untag` takes out what harcli put into sidecars, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from harcli.cli.main import app
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.xmp import SidecarWriter, sidecar_of

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

INFO = RunInfo((AttributeSpec("hat", "head", 0.5),), "/photos", "1.0")
PERSON = Record("x", 64, 48, 1, (0.0, 0.0, 32.0, 48.0), 0.9, ("hat",), {"hat": 0.9})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two tagged photos, one of which is in a folder below, and one with a sidecar of somebody else."""
    top = tmp_path / "photos"
    (top / "below").mkdir(parents=True)
    for name in ("a.jpg", "below/b\nc.jpg", "other.jpg"):
        Image.new("RGB", (64, 48)).save(top / name)
    for name in ("a.jpg", "below/b\nc.jpg"):
        SidecarWriter(INFO).write([PERSON], top / name)
    (top / "other.jpg.xmp").write_text("not XMP")
    return top


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.*"))


def test_a_folder(harcli: Callable, folder: Path) -> None:
    done = harcli("untag", "photos")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        "took harcli's keywords and boxes out of 2 of 3 sidecars; 2 held nothing else and were removed\n"
    )
    assert names(folder) == ["a.jpg", "b\nc.jpg", "other.jpg", "other.jpg.xmp"]
    done = harcli("untag", "photos")
    assert (done.returncode, done.stderr) == (0, "1 sidecar found; nothing was to be taken out\n")


@pytest.mark.parametrize("name", ["photos/a.jpg", "photos/a.jpg.xmp"])
def test_one_photo_or_its_sidecar(harcli: Callable, folder: Path, name: str) -> None:
    assert harcli("untag", name).returncode == 0
    assert names(folder) == ["a.jpg", "b\nc.jpg", "b\nc.jpg.xmp", "other.jpg", "other.jpg.xmp"]


def test_the_sidecar_of_a_photo_that_has_gone(harcli: Callable, folder: Path) -> None:
    (folder / "a.jpg").unlink()
    assert harcli("untag", "photos/a.jpg").returncode == 0
    assert not sidecar_of(folder / "a.jpg").exists()


def test_a_loop_of_folders_ends(harcli: Callable, folder: Path) -> None:
    (folder / "below" / "loop").symlink_to(folder)
    done = harcli("untag", "photos")
    assert done.stderr.startswith("took harcli's keywords and boxes out of 2 of 3 sidecars;")


def test_a_sidecar_that_cannot_be_changed(harcli: Callable, folder: Path) -> None:
    damaged = sidecar_of(folder / "a.jpg")
    damaged.write_bytes(damaged.read_bytes()[:-30])
    before = damaged.read_bytes()
    done = harcli("untag", "photos")
    assert done.returncode == 3
    assert done.stderr.startswith("harcli: photos/a.jpg.xmp: not XML")
    assert "out of 1 of 3 sidecars; 1 held nothing else and was removed\n" in done.stderr
    assert damaged.read_bytes() == before


def test_links_that_lead_nowhere(harcli: Callable, folder: Path) -> None:
    (folder / "gone.jpg.xmp").symlink_to(folder / "target.xmp")
    (folder / "loop.jpg.xmp").symlink_to(folder / "loop.jpg.xmp")
    done = harcli("untag", "photos")
    assert done.returncode == 3
    assert done.stderr.startswith("harcli: photos/loop.jpg.xmp: cannot be read")
    assert "out of 2 of 4 sidecars; 2 held nothing else and were removed\n" in done.stderr
    assert (folder / "gone.jpg.xmp").is_symlink()
    assert not (folder / "target.xmp").exists()


def test_a_folder_that_breaks_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with one folder costs that folder only."""
    scandir = os.scandir

    def failing(path: str) -> object:
        if os.fspath(path).endswith("below"):
            raise OSError(5, "Input/output error", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    done = CliRunner().invoke(app, ["untag", str(folder)])
    assert done.exit_code == 3
    assert "below: cannot be listed (Input/output error)" in done.output
    assert "out of 1 of 2 sidecars; 1 held nothing else and was removed\n" in done.output


def test_what_is_not_there(harcli: Callable, folder: Path) -> None:
    done = harcli("untag", "photos", "gone.jpg")
    assert done.returncode == 2
    assert "gone.jpg" in done.stderr
    assert (folder / "a.jpg.xmp").exists()
