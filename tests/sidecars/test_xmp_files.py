"""Photos and sidecars with odd names, behind links, in folders that cannot be written to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from PIL import Image

from harcli.errors import HarcliError
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.xmp import SidecarError, SidecarWriter, remove, sidecar_of

pytest.importorskip("exiv2", reason="sidecars need pip install '.[xmp]'")

INFO = RunInfo((AttributeSpec("hat", "head", 0.5),), "/photos", "1.0")
PERSON = Record("x", 64, 48, 1, (0.0, 0.0, 32.0, 48.0), 0.9, ("hat",), {"hat": 0.9})


def make(photo: Path) -> Path:
    with photo.open("wb") as stream:
        Image.new("RGB", (64, 48)).save(stream, "JPEG")
    return photo


def write(photo: Path) -> bool:
    return SidecarWriter(INFO, regions=True).write([PERSON], photo)


@pytest.mark.parametrize(
    "name", ["line\nbreak.jpg", os.fsdecode(b"\xff\xfe.jpg"), "<script>&'\".jpg", "é漢 x.jpg", "noending", "-x.jpg"]
)
def test_odd_names(tmp_path: Path, name: str) -> None:
    photo = make(tmp_path / name)
    assert write(photo)
    assert set(os.listdir(tmp_path)) == {name, name + ".xmp"}
    assert not write(photo)
    assert remove(photo)
    assert os.listdir(tmp_path) == [name]


def test_beside_the_link_to_a_photo(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "real").mkdir()
    photo = make(tmp_path / "real" / "p.jpg")
    (tmp_path / "links" / "l.jpg").symlink_to(photo)
    assert write(tmp_path / "links" / "l.jpg")
    assert os.listdir(tmp_path / "real") == ["p.jpg"]
    assert sorted(os.listdir(tmp_path / "links")) == ["l.jpg", "l.jpg.xmp"]


def test_a_sidecar_that_is_a_link_stays_one(tmp_path: Path) -> None:
    photo = make(tmp_path / "p.jpg")
    write(make(tmp_path / "q.jpg"))
    sidecar_of(photo).symlink_to(tmp_path / "q.jpg.xmp")
    assert SidecarWriter(INFO, prefix="AI").write([PERSON], photo)
    assert sidecar_of(photo).is_symlink()
    assert "AI|head|hat" in (tmp_path / "q.jpg.xmp").read_text()


def test_a_sidecar_behind_a_link_goes_with_the_link(tmp_path: Path) -> None:
    photo = make(tmp_path / "p.jpg")
    sidecar_of(photo).symlink_to(tmp_path / "real.xmp")
    write(make(tmp_path / "real"))
    assert remove(photo)
    assert sorted(os.listdir(tmp_path)) == ["p.jpg", "real"]


@pytest.mark.parametrize("target", ["gone.xmp", "gone/x.xmp", "p.jpg/x.xmp", "p.jpg.xmp"])
def test_a_link_to_nothing_is_left_alone(tmp_path: Path, target: str) -> None:
    photo = make(tmp_path / "p.jpg")
    sidecar_of(photo).symlink_to(tmp_path / target)
    with pytest.raises(SidecarError, match=r"p\.jpg\.xmp: "):
        write(photo)
    if target.startswith("gone"):
        assert not remove(photo)
    assert sorted(os.listdir(tmp_path)) == ["p.jpg", "p.jpg.xmp"]
    assert sidecar_of(photo).readlink() == tmp_path / target


def test_a_huge_file_in_the_way_is_not_read(tmp_path: Path) -> None:
    photo = make(tmp_path / "p.jpg")
    with sidecar_of(photo).open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(SidecarError, match="larger than any sidecar"):
        write(photo)


def test_permissions_stay(tmp_path: Path) -> None:
    photo = make(tmp_path / "p.jpg")
    write(photo)
    sidecar_of(photo).chmod(0o640)
    SidecarWriter(INFO).write([PERSON], photo)
    assert stat.S_IMODE(sidecar_of(photo).stat().st_mode) == 0o640


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    photo = make(tmp_path / "p.jpg")
    sidecar_of(photo).mkdir()
    with pytest.raises(SidecarError, match="not a regular file"):
        write(photo)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes: run this on Linux or macOS")
def test_a_pipe_in_the_way_does_not_stop_the_run(tmp_path: Path) -> None:
    photo = make(tmp_path / "p.jpg")
    os.mkfifo(sidecar_of(photo))
    with pytest.raises(SidecarError, match="not a regular file"):
        write(photo)


def test_a_name_that_is_too_long_for_a_sidecar(tmp_path: Path) -> None:
    photo = make(tmp_path / ("x" * 250 + ".jpg"))
    with pytest.raises(SidecarError, match="too long"):
        write(photo)


def test_a_photo_that_has_gone(tmp_path: Path) -> None:
    assert SidecarWriter(INFO).write([PERSON], tmp_path / "gone.jpg")
    with pytest.raises(SidecarError, match=r"gone\.jpg: its orientation"):
        write(tmp_path / "gone.jpg")
    assert remove(tmp_path / "gone.jpg")


def test_a_folder_that_has_gone(tmp_path: Path) -> None:
    with pytest.raises(SidecarError, match="no folder"):
        SidecarWriter(INFO).write([PERSON], tmp_path / "gone" / "p.jpg")


@pytest.mark.usefixtures("bound_by_permissions")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    photo = make(tmp_path / "p.jpg")
    write(photo)
    before = sidecar_of(photo).read_bytes()
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SidecarError, match="cannot be written"):
            SidecarWriter(INFO).write([PERSON], photo)
        with pytest.raises(SidecarError, match="cannot be written"):
            remove(photo)
    finally:
        tmp_path.chmod(0o700)
    assert sidecar_of(photo).read_bytes() == before


def test_a_failure_while_writing_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = make(tmp_path / "p.jpg")
    write(photo)
    before = sidecar_of(photo).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("harcli.outputs.whole_file.os.fsync", full)
    with pytest.raises(SidecarError, match="No space left"):
        SidecarWriter(INFO).write([PERSON], photo)
    assert sidecar_of(photo).read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["p.jpg", "p.jpg.xmp"]


def test_it_is_one_of_harclis_errors() -> None:
    assert issubclass(SidecarError, HarcliError)
