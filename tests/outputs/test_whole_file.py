"""A result file appears whole or not at all."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.outputs.whole_file import whole_binary, whole_file


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


def another_group() -> int:
    """A group of this user's that is not the one of new files."""
    groups = {0, 100} if os.geteuid() == 0 else set(os.getgroups())
    if not groups - {os.getegid()}:
        pytest.skip("this user is in one group only: run this as a user of several")
    return max(groups - {os.getegid()})


needs_groups = pytest.mark.skipif(
    not hasattr(os, "chown"), reason="Windows has no groups of files: run this on Linux or macOS"
)


@needs_groups
@pytest.mark.parametrize("mode", [0o664, 0o640, 0o600])
def test_the_group_stays(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out.csv"
    path.touch()
    os.chown(path, -1, another_group())
    path.chmod(mode)
    with whole_file(path) as stream:
        (temporary,) = tmp_path.glob(".*.tmp")
        assert stat.S_IMODE(temporary.stat().st_mode) == mode
        stream.write("x")
    assert (path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (another_group(), mode)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser gives files away: run this as root"
)
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.touch()
    os.chown(path, 1234, 100)
    with whole_file(path) as stream:
        stream.write("x")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 100)


@needs_groups
@pytest.mark.parametrize(("before", "after"), [(0o660, 0o600), (0o664, 0o644), (0o640, 0o600), (0o777, 0o777)])
def test_a_group_that_cannot_be_kept_hands_no_rights_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    path = tmp_path / "out.csv"
    path.touch()
    os.chown(path, -1, another_group())
    path.chmod(before)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("harcli.outputs.whole_file.os.chown", refuse)
    with whole_file(path) as stream:
        stream.write("x")
    assert stat.S_IMODE(path.stat().st_mode) == after


@pytest.mark.skipif(
    not hasattr(os, "setxattr"), reason="Python sets extended attributes of files on Linux only: run this on Linux"
)
def test_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.touch()
    # Version 2: the owner reads and writes, user 1234 reads, the group and all others do nothing.
    tags = (0x01, 6, 0xFFFFFFFF), (0x02, 4, 1234), (0x04, 0, 0xFFFFFFFF), (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)
    attributes = {
        "user.xdg.tags": b"mine",
        "system.posix_acl_access": struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *tag) for tag in tags),
    }
    try:
        for name, value in attributes.items():
            os.setxattr(path, name, value)
    except OSError:
        pytest.skip(
            "this file system keeps no extended attributes or access lists: set TMPDIR to a folder on ext4, XFS or Btrfs"
        )
    with whole_file(path) as stream:
        stream.write("x")
    assert {name: os.getxattr(path, name) for name in os.listxattr(path)} == attributes


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


@pytest.mark.usefixtures("bound_by_permissions")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(HarcliError, match="cannot be written"), whole_file(tmp_path / "out.csv"):
            pytest.fail("begun")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full: run this on Linux"
)
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match="writing failed"), whole_file(tmp_path / "out.csv") as stream:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, stream.fileno())
        os.close(full)
        stream.write("x")
    assert os.listdir(tmp_path) == []


def test_binary_files_are_written_with_the_same_care(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "x.db", tmp_path / "x.db"
    real.write_bytes(b"old")
    real.chmod(0o440)
    link.symlink_to(real)
    with whole_binary(link) as temporary:
        assert (temporary.parent, temporary.read_bytes()) == (real.parent, b"")
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o640, "writable, and nobody else may read it"
        temporary.write_bytes(b"new")
        assert real.read_bytes() == b"old"
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o440
    with pytest.raises(KeyError), whole_binary(link) as temporary:
        temporary.write_bytes(b"half")
        raise KeyError
    assert real.read_bytes() == b"new"
    assert os.listdir(real.parent) == ["x.db"]


def test_two_may_write_one_file_at_once(tmp_path: Path) -> None:
    with whole_binary(tmp_path / "x") as first:
        with whole_binary(tmp_path / "x") as second:
            first.write_bytes(b"first")
            second.write_bytes(b"second")
        assert (tmp_path / "x").read_bytes() == b"second"
    assert (tmp_path / "x").read_bytes() == b"first"


def test_binary_files_need_a_place(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    for path, reason in (("gone/x.db", "no folder"), ("folder.db", "not a regular file")):
        with pytest.raises(HarcliError, match=reason), whole_binary(tmp_path / path):
            pytest.fail("begun")
