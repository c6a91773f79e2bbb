"""A run that is killed goes on to the same result, to the bit; two processes give the result of one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

Harcli = Callable[..., "subprocess.CompletedProcess[str]"]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def log(run: Path) -> list[dict[str, float]]:
    """The lines of a run's log, without the times."""
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k != "seconds"} for line in lines]


def kill_after(lines: int, run: Path, command: list[str], environment: dict[str, str]) -> None:
    """Start a run in a process group of its own and kill it, helpers and all, when its log has so many lines."""
    process = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    path, end = run / "log.jsonl", time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        if path.exists() and path.read_text().count("\n") >= lines:
            break
        time.sleep(0.005)
    assert process.poll() is None, "the run ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("lines", [1, 5])
def test_killed_and_resumed_is_the_same_to_the_bit(
    small: tuple[str, ...],
    lines: int,
    root: Path,
    trained: Path,
    train_harcli: Harcli,
    single_thread: dict[str, str],
    tmp_path: Path,
) -> None:
    """Killed before the first checkpoint, and in the middle; `trained` is the uninterrupted run."""
    out = tmp_path / "run"
    command = [sys.executable, "-m", "harcli", "train", *small, "--root", str(root), "--out", str(out)]
    kill_after(lines, out, command, single_thread)
    assert not (out / "log.jsonl").read_text().count("\n") >= 8
    train_harcli("train", "--resume", out)
    assert digest(out / "last.safetensors") == digest(trained / "last.safetensors")
    assert digest(out / "best.safetensors") == digest(trained / "best.safetensors")
    assert log(out) == log(trained)


def test_same_seed_same_bytes_other_seed_other_bytes(
    small: tuple[str, ...], root: Path, trained: Path, train_harcli: Harcli, tmp_path: Path
) -> None:
    train_harcli("train", *small, "--root", root, "--out", tmp_path / "again")
    assert digest(tmp_path / "again" / "last.safetensors") == digest(trained / "last.safetensors")
    train_harcli("train", *small, "--root", root, "--seed", "1", "--out", tmp_path / "other")
    assert digest(tmp_path / "other" / "last.safetensors") != digest(trained / "last.safetensors")


def test_sgd_momentum_is_resumed(
    small: tuple[str, ...], root: Path, train_harcli: Harcli, single_thread: dict[str, str], tmp_path: Path
) -> None:
    small = (*small, "--recipe", "paper", "--root", str(root))
    train_harcli("train", *small, "--out", tmp_path / "whole")
    out = tmp_path / "killed"
    kill_after(4, out, [sys.executable, "-m", "harcli", "train", *small, "--out", str(out)], single_thread)
    train_harcli("train", "--resume", out)
    assert digest(out / "last.safetensors") == digest(tmp_path / "whole" / "last.safetensors")


def test_two_processes_give_the_result_of_one(
    small: tuple[str, ...], root: Path, trained: Path, single_thread: dict[str, str], tmp_path: Path
) -> None:
    """torchrun with two CPU processes: batch norms, losses and scores are over the whole batch and all of val."""
    out = tmp_path / "two"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29533"]
    command = [*torchrun, "-m", "harcli", "train", *small, "--root", str(root), "--out", str(out)]
    done = subprocess.run(command, env=single_thread, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    assert json.loads((out / "config.json").read_text())["processes"] == 2
    one, two = load_file(trained / "last.safetensors"), load_file(out / "last.safetensors")
    assert one.keys() == two.keys()
    start = log(trained)[0]["loss"]
    assert log(out)[0]["loss"] == pytest.approx(start, abs=2e-5)  # before the first step: the same network, exactly
    for a, b in zip(log(trained), log(out), strict=True):
        assert b["loss"] == pytest.approx(a["loss"], abs=0.02)
    for name, tensor in one.items():
        if tensor.is_floating_point():
            distance = torch.linalg.vector_norm(tensor - two[name]) / torch.linalg.vector_norm(tensor).clamp(min=0.1)
            assert distance < 0.02, name


def test_a_full_disk_ends_in_one_line(
    small: tuple[str, ...], root: Path, trained: Path, single_thread: dict[str, str], tmp_path: Path
) -> None:
    """A limit on the size of files stands for the full disk: the write fails in the same place."""
    out = tmp_path / "run"
    words = [sys.executable, "-m", "harcli", "train", *small, "--root", str(root), "--out", str(out)]
    script = (
        "import resource, signal, os, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000_000, 50_000_000)); os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], env=single_thread, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "could not be written" in done.stderr.splitlines()[-1]
    assert not list(out.glob("*.tmp")), "no half file stays"


def test_a_loss_that_explodes_leaves_the_last_checkpoint(
    small: tuple[str, ...], root: Path, train_harcli: Harcli, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    wild = ("--optimiser", "sgd", "--lr", "1e12", "--head-lr", "1e12", "--clip", "0", "--warm-up", "0")
    said = train_harcli("train", *small, *wild, "--root", root, "--out", out, check=1).stderr
    assert "try a lower rate" in said.splitlines()[-1]
    shutil.rmtree(out)
