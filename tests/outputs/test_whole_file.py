"""A result file appears whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.outputs.whole_file import whole_file


def test_it_appears_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with whole_file(path) as stream:
        stream.write("new\n")
        stream.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new\n"
    assert os.listdir(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_after_a_failure_the_old_one_stays(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(error), whole_file(path) as stream:
        stream.write("half")
        raise error
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_permissions_are_those_of_any_new_file_or_of_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    with whole_file(tmp_path / "new.csv"):
        pass
    assert (tmp_path / "new.csv").stat().st_mode == (tmp_path / "any").stat().st_mode
    (tmp_path / "new.csv").chmod(0o640)
    with whole_file(tmp_path / "new.csv"):
        pass
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out.csv").symlink_to(tmp_path / "real" / "out.csv")
    with whole_file(tmp_path / "out.csv") as stream:
        stream.write("x")
    assert (tmp_path / "out.csv").is_symlink()
    assert (tmp_path / "real" / "out.csv").read_text() == "x"


def test_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for path, reason in (("gone/out.csv", "no folder"), ("folder.csv", "not a regular file")):
        with pytest.raises(HarcliError, match=reason), whole_file(tmp_path / path):
            pytest.fail("begun")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(HarcliError, match="cannot be written"), whole_file(tmp_path / "out.csv"):
            pytest.fail("begun")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' /dev/full, a disk that is always full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match="writing failed"), whole_file(tmp_path / "out.csv") as stream:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, stream.fileno())
        os.close(full)
        stream.write("x")
    assert os.listdir(tmp_path) == []
