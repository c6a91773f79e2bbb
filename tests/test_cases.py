"""A folder of small inputs that people met with or would meet with, each of which went wrong once. It is kept apart from
harcli: `HARCLI_CASES=DIR pytest tests/test_cases.py -m ''`. The same kinds are tested one by one in the other files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("HARCLI_CASES", "no folder"))
ONE_EACH = ["--no-detect", "--threshold", "0.01"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason="the folder of inputs is kept apart from harcli: set HARCLI_CASES to it if you have it",
    ),
    pytest.mark.skipif(
        sys.platform == "win32", reason="Windows has no such links, groups and signals: run this on Linux or macOS"
    ),
]


@pytest.fixture
def case(tmp_path: Path) -> Callable[[str], Path]:
    """`case(name)`: a copy of that folder, in which the test may write."""

    def copy(name: str) -> Path:
        if not (FOLDER / name).exists():
            pytest.fail(f"{FOLDER / name} is missing")
        for path in (target := shutil.copytree(FOLDER / name, tmp_path / "case")).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        target.chmod(0o755)
        return target

    return copy


@pytest.fixture
def tiny() -> list[str | Path]:
    """Options for a model that costs nothing."""
    return ["--no-detect", "--model", FOLDER / "faults" / "tiny.onnx", "--no-store"]


def test_symlink_unresolvable(case: Callable, tiny: list, harcli: Callable, rows: Callable) -> None:
    folder = case("symlink-unresolvable")
    photos = folder / "d"
    photos.mkdir()
    for i in range(40):
        shutil.copy(folder / "photo.jpg", photos / f"{i}.jpg")
    (photos / "loop").symlink_to("loop")
    harcli("tag", "d", *tiny, "--out", "o.csv", cwd=folder)
    found = rows(folder / "o.csv")
    assert len({row["path"] for row in found}) == len(found) == 41
    assert [row["path"] for row in found if row["error"]] == ["d/loop"]


def test_loop2(case: Callable, tiny: list, harcli: Callable, rows: Callable) -> None:
    folder = case("faults/loop2")
    (folder / "old").symlink_to("old")
    harcli("tag", ".", *tiny, "--out", "../o.csv", cwd=folder)
    assert sum(not row["error"] for row in rows(folder.parent / "o.csv")) == 12


def test_list_utf16(case: Callable, tiny: list, harcli: Callable) -> None:
    folder = case("list-utf16")
    (folder / "w" / "sub").mkdir(parents=True)
    for name in ("p.jpg", "sub/secret.jpg"):
        shutil.copy(FOLDER / "drawn.jpg", folder / "w" / name)
    arguments = ["tag", "-", *tiny, "--threshold", "0.01", "--xmp", "-q"]
    done = harcli(*arguments, cwd=folder / "w", input="p.jpg\r\n".encode("utf-16"), text=False)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.rglob("*.xmp")] == ["p.jpg.xmp"]


def test_kinds_silent(case: Callable, tiny: list, harcli: Callable) -> None:
    folder = case("kinds-silent")
    done = harcli("tag", ".", *tiny, "--out", "o.csv", cwd=folder)
    assert "3 photos of kinds that harcli does not read: .cr2, .dng, .jxl" in done.stderr
    (folder / "a.jpg").unlink()
    (folder / "o.csv").write_text("old")
    assert harcli("tag", ".", *tiny, "--out", "o.csv", cwd=folder).returncode == 1
    assert (folder / "o.csv").read_text() == "old"


def test_sidecar_icloudpd(case: Callable, tiny: list, harcli: Callable) -> None:
    folder = case("sidecar-icloudpd")
    before = (folder / "photo.jpg.xmp").read_text()
    done = harcli("tag", ".", *tiny, "--threshold", "0.01", "--xmp", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr
    after = (folder / "photo.jpg.xmp").read_text()
    assert "harcli" in after
    assert ("Rating" in before) == ("Rating" in after)


@pytest.mark.skipif(
    os.name != "posix" or os.getuid() != 0, reason="only the superuser may give files to any group: run this as root"
)
def test_group_lost(case: Callable, tiny: list, harcli: Callable) -> None:
    folder = case("group-lost")
    os.chown(folder / "g.jpg.xmp", -1, 100)
    harcli("tag", "g.jpg", *tiny, "--threshold", "0.01", "--xmp", "-q", cwd=folder)
    assert "harcli" in (folder / "g.jpg.xmp").read_text()
    assert (folder / "g.jpg.xmp").stat().st_gid == 100


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system cannot tie a program to processors: run this on Linux"
)
def test_affinity(assets: Path, tmp_path: Path) -> None:
    """Of all the threads, while the built-in models run."""
    one = min(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "harcli", "tag", assets, "--no-store", "-q", "--out", "o.csv"]
    process = subprocess.Popen(command, cwd=tmp_path, preexec_fn=lambda: os.sched_setaffinity(0, {one}))
    seen: set[str] = set()
    while process.poll() is None:
        for status in Path(f"/proc/{process.pid}/task").glob("*/status"):
            try:
                lines = status.read_text().splitlines()
            except OSError:
                continue
            seen.update(line.split()[1] for line in lines if line.startswith("Cpus_allowed_list"))
        time.sleep(0.05)
    assert process.returncode == 0
    assert seen == {str(one)}


def test_manifest_pandas(case: Callable, harcli: Callable) -> None:
    done = harcli("datasets", "check", "float.csv", cwd=case("manifest-pandas"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as published" not in done.stdout


def test_pa100k_release_data(case: Callable, harcli: Callable) -> None:
    pytest.importorskip("scipy", reason="reading PA-100K needs scipy: pip install '.[train]'")
    folder = case("pa100k-release-data")
    subprocess.run([sys.executable, "make.py", "root"], cwd=folder, check=True, timeout=120)
    done = harcli("datasets", "check", "pa100k", "--root", "root", cwd=folder)
    assert "not found" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_truncated_eoi(case: Callable, tiny: list, harcli: Callable, rows: Callable) -> None:
    folder = case("truncated-eoi")
    assert harcli("tag", ".", *tiny, "-q", "--out", "o.csv", cwd=folder).returncode == 0
    found = {row["path"]: (row["error"], row["note"]) for row in rows(folder / "o.csv")}
    assert found == {"no-end-mark.jpg": ("", "cut off at its end"), "whole.jpg": ("", "")}


def test_excel_bom(tiny: list, tmp_path: Path, harcli: Callable) -> None:
    shutil.copy(FOLDER / "drawn.jpg", tmp_path / "ü.jpg")
    harcli("tag", "ü.jpg", *tiny, "--out", "a.db", "-q")
    assert harcli("export", "a.db", "--out", "for-excel.csv", "--csv-safe").returncode == 0
    assert (tmp_path / "for-excel.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_ignore_nfd(tiny: list, tmp_path: Path, harcli: Callable, rows: Callable) -> None:
    for name in ("fo\u0308n", "other"):
        (tmp_path / "p" / name).mkdir(parents=True)
        shutil.copy(FOLDER / "drawn.jpg", tmp_path / "p" / name / "a.jpg")
    (tmp_path / "p" / ".harcliignore").write_text(unicodedata.normalize("NFC", "fo\u0308n/\n"), encoding="utf-8")
    harcli("tag", "p", *tiny, "--out", "o.csv", "-q")
    assert [row["path"] for row in rows(tmp_path / "o.csv")] == ["p/other/a.jpg"]


def test_bombs(case: Callable, tiny: list, tmp_path: Path, rows: Callable) -> None:
    """Each has its record within a minute; their memory is measured by `benchmarks/bombs.py`."""
    case("faults/bomb")
    command = [sys.executable, "-m", "harcli", "tag", "case", *map(str, tiny), "--out", "o.csv", "-q"]
    assert subprocess.run(command, cwd=tmp_path, timeout=200).returncode in (0, 3)
    found = rows(tmp_path / "o.csv")
    assert len(found) == len({row["path"] for row in found}) == len(os.listdir(tmp_path / "case"))


def test_a_bomb_is_stopped(case: Callable, tiny: list, tmp_path: Path) -> None:
    case("faults/bomb")
    for i in range(10):
        shutil.copy(tmp_path / "case" / "scan300.jpg", tmp_path / "case" / f"{i}.jpg")
    command = [sys.executable, "-m", "harcli", "tag", "case", *map(str, tiny), "--out", "o.csv"]
    sensitive = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.default_int_handler)}
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, **sensitive)
    time.sleep(4)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert time.monotonic() - start < 2


def test_weights_outside(case: Callable, harcli: Callable, tmp_path: Path) -> None:
    """What was found with other weights is not given again."""
    folder = case("faults/ext")
    shutil.copy(FOLDER / "drawn.jpg", folder)
    given = []
    for weights in ((folder / "w.bin").read_bytes(), bytes(len((folder / "w.bin").read_bytes()))):
        (folder / "w.bin").write_bytes(weights)
        arguments = ["--no-detect", "--model", "inside.onnx", "--store", "s.db", "--out", "o.jsonl", "-q"]
        done = harcli("tag", "drawn.jpg", *arguments, cwd=folder)
        assert done.returncode == 0, done.stderr
        given.append(json.loads((folder / "o.jsonl").read_text().splitlines()[-1])["probabilities"])
    assert given[0] != given[1]


def test_deep_json(case: Callable, harcli: Callable) -> None:
    folder = case("faults/ext")
    shutil.copy(FOLDER / "drawn.jpg", folder)
    done = harcli("tag", "drawn.jpg", "--no-detect", "--model", "deepjson.onnx", "--out", "o.csv", cwd=folder)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("harcli: deepjson.onnx")
