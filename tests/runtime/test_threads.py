"""Threads are counted from what the process may use, not from the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import AvifImagePlugin
from typer.testing import CliRunner

from harcli.cli.main import app
from harcli.errors import HarcliError
from harcli.models_dir import models_dir
from harcli.photos.heif import load_decoder
from harcli.runtime import (
    lane_count,
    lane_threads,
    limit_threads,
    limit_torch,
    processor_count,
    reader_count,
    thread_count,
)
from harcli.tagging.tagger import Tagger

linux = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="this system cannot tie a program to processors: run this on Linux"
)
several = pytest.mark.skipif(
    (os.cpu_count() or 1) < 2, reason="this machine has one processor: run this on one with two or more"
)

RUN = """
import os, sys
from pathlib import Path
{before}
from harcli.people import load_detector
import numpy as np
detector = load_detector({model!r}, provider="cpu")
detector.detect([np.zeros((64, 64, 3), np.uint8)])
for task in Path("/proc/self/task").iterdir():
    print(*os.sched_getaffinity(int(task.name)))
"""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    limit_threads(None)


def threads_of(before: str) -> list[set[int]]:
    """The processors that each thread of a process with a model may run on.

    Args:
        before: what the process does first.
    """
    script = RUN.format(before=before, model=str(models_dir() / "person-detector" / "model.onnx"))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [{int(number) for number in line.split()} for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("told", "lanes", "inside"), [(1, 1, None), (2, 2, 1), (8, 8, 1), (12, 8, 5), (64, 8, 57)])
def test_lanes_share_the_threads(told: int, lanes: int, inside: int | None) -> None:
    limit_threads(told)
    assert (lane_count(), lane_threads()) == (lanes, inside)


@linux
@several
def test_no_thread_of_a_model_leaves_the_processors_of_the_process() -> None:
    own = max(os.sched_getaffinity(0))
    assert all(threads == {own} for threads in threads_of(f"os.sched_setaffinity(0, [{own}])"))


@linux
def test_no_thread_is_tied_to_one_processor_and_there_are_as_many_as_told() -> None:
    every = os.sched_getaffinity(0)
    for count in (1, 3):
        threads = threads_of(f"from harcli.runtime import limit_threads; limit_threads({count})")
        assert threads == [every] * count


def test_the_option_and_the_parameter_count(photos: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    commands = (
        ["models", "--no-speed", "--threads", "2"],
        ["tag", str(photos), "--threads", "3", "--no-store", "-q", "-o", str(tmp_path / "a.csv")],
        ["show", str(photos / "bus.jpg"), "--threads", "4", "-o", str(tmp_path / "a.png")],
    )
    for number, command in enumerate(commands, start=2):
        assert runner.invoke(app, command).exit_code == 0
        assert thread_count() == number
    assert runner.invoke(app, ["models", "--threads", "0"]).exit_code == 2
    with pytest.raises(HarcliError, match="threads 1 or more"):
        Tagger(threads=0)


@pytest.mark.parametrize("brand", [b"heic", b"avif"])
def test_decoders_with_threads_of_their_own_follow(tmp_path: Path, brand: bytes) -> None:
    pi_heif = pytest.importorskip("pi_heif", reason="HEIC needs pip install '.[heif]'")
    photo = tmp_path / "photo"
    photo.write_bytes(b"\0\0\0\x14ftyp" + brand + b"\0\0\0\0" + brand)
    for count in (1, 3):
        limit_threads(count)
        load_decoder(photo)
        assert count == (pi_heif.options.DECODE_THREADS if brand == b"heic" else AvifImagePlugin.DEFAULT_MAX_THREADS)


def test_torch_follows() -> None:
    torch = pytest.importorskip("torch", reason="needs pip install '.[train]'")
    before = torch.get_num_threads()
    try:
        limit_threads(3)
        limit_torch()
        assert torch.get_num_threads() == 3
        limit_threads(None)
        limit_torch()
        assert torch.get_num_threads() <= processor_count()
    finally:
        torch.set_num_threads(before)


@linux
def test_affinity_counts() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, [min(before)])
        assert (processor_count(), thread_count(), reader_count()) == (1, 1, 2)
        limit_threads(5)
        assert (processor_count(), thread_count(), reader_count()) == (1, 5, 5)
    finally:
        os.sched_setaffinity(0, before)


V2 = ("0::{group}", "30 23 0:26 {root} {mount} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate")
V1 = ("4:memory:/elsewhere\n3:cpu,cpuacct:{group}", "32 31 0:29 {root} {mount} rw - cgroup cgroup rw,cpu,cpuacct")


@linux
@several
@pytest.mark.parametrize(
    ("form", "root", "group", "limits", "expected"),
    [
        (V2, "/", "/a/b", {"a/b/cpu.max": "100000 100000"}, 1),
        (V2, "/", "/a/b", {"a/b/cpu.max": "20000 100000"}, 1),
        (V2, "/", "/a/b", {"a/b/cpu.max": "101000 100000"}, 2),
        (V2, "/", "/a/b", {"a/b/cpu.max": "max 100000", "a/cpu.max": "50000 50000"}, 1),
        (V2, "/", "/", {"cpu.max": "100000 100000"}, 1),
        (V2, "/docker/c1", "/docker/c1", {"cpu.max": "100000 100000"}, 1),
        (V2, "/docker/c1", "/docker/c1/x", {"x/cpu.max": "100000 100000", "cpu.max": "max 100000"}, 1),
        (V2, "/", "/../seen/from/inside", {"cpu.max": "100000 100000"}, 1),
        (V2, "/", "/a/b", {"a/b/cpu.max": "max 100000"}, None),
        (V2, "/", "/a/b", {"a/b/cpu.max": "what is this"}, None),
        (V2, "/", "/a/b", {}, None),
        (V1, "/", "/a", {"a/cpu.cfs_quota_us": "100000", "a/cpu.cfs_period_us": "100000"}, 1),
        (V1, "/docker/c1", "/docker/c1", {"cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000"}, 1),
        (V1, "/", "/a", {"a/cpu.cfs_quota_us": "-1", "a/cpu.cfs_period_us": "100000"}, None),
        (V1, "/", "/a", {"a/cpu.cfs_quota_us": "5", "a/cpu.cfs_period_us": "0"}, None),
    ],
)
def test_quota_counts(
    tmp_path: Path, form: tuple[str, str], root: str, group: str, limits: dict[str, str], expected: int | None
) -> None:
    mount = tmp_path / "a mount"
    for name, content in limits.items():
        file = mount / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content + "\n")
    process = tmp_path / "proc" / "self"
    process.mkdir(parents=True)
    told = str(mount).replace(" ", r"\040")
    for name, text in zip(("cgroup", "mountinfo"), form, strict=True):
        (process / name).write_text(text.format(root=root, mount=told, group=group) + "\n")
    affinity = len(os.sched_getaffinity(0))
    assert processor_count(tmp_path / "proc") == min(affinity, expected or affinity)


def test_where_nothing_is_told_of_quotas_affinity_decides(tmp_path: Path) -> None:
    assert processor_count(tmp_path) >= 1
