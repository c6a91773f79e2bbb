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


@pytest.mark.parametrize("lines", [pytest.param(1, marks=pytest.mark.slow), 5])
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
    saved = (out / "resume.safetensors").exists()
    said = train_harcli("train", "--resume", out).stderr
    assert "--backbone-weights" not in said  # it goes on from weights that are trained
    assert (f"{out}: goes on after iteration" in said) == saved
    config = json.loads((out / "config.json").read_text())
    assert "--iterations 8" in config["begun"]["command"]
    assert ["--resume" in again["command"] for again in config["resumed"]] == [True]
    assert digest(out / "last.safetensors") == digest(trained / "last.safetensors")
    assert digest(out / "best.safetensors") == digest(trained / "best.safetensors")
    assert log(out) == log(trained)


@pytest.mark.slow
def test_same_seed_same_bytes_other_seed_other_bytes(
    small: tuple[str, ...], root: Path, trained: Path, train_harcli: Harcli, tmp_path: Path
) -> None:
    train_harcli("train", *small, "--root", root, "--out", tmp_path / "again")
    assert digest(tmp_path / "again" / "last.safetensors") == digest(trained / "last.safetensors")
    train_harcli("train", *small, "--root", root, "--seed", "1", "--out", tmp_path / "other")
    assert digest(tmp_path / "other" / "last.safetensors") != digest(trained / "last.safetensors")


@pytest.fixture(scope="module")
def trained_sgd(
    small: tuple[str, ...], root: Path, train_harcli: Harcli, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a finished run by the paper's recipe: SGD with momentum, nothing frozen, no moving average."""
    out = tmp_path_factory.mktemp("sgd") / "run"
    train_harcli("train", *small, "--recipe", "paper", "--root", root, "--out", out)
    return out


@pytest.mark.slow
def test_sgd_momentum_is_resumed(
    small: tuple[str, ...],
    root: Path,
    trained_sgd: Path,
    train_harcli: Harcli,
    single_thread: dict[str, str],
    tmp_path: Path,
) -> None:
    out = tmp_path / "killed"
    words = ("train", *small, "--recipe", "paper", "--root", str(root), "--out", str(out))
    kill_after(4, out, [sys.executable, "-m", "harcli", *words], single_thread)
    train_harcli("train", "--resume", out)
    assert digest(out / "last.safetensors") == digest(trained_sgd / "last.safetensors")


TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29533")


def test_two_processes_have_the_gradients_of_one(single_thread: dict[str, str], tmp_path: Path) -> None:
    """Batch norms, losses with unknown labels and masks are over the whole batch: equal in float64 to 1e-9."""
    script = Path(__file__).with_name("one_step.py")
    for name, python in (("one", (sys.executable,)), ("two", TORCHRUN)):
        command = [*python, str(script), str(tmp_path / name)]
        done = subprocess.run(command, env=single_thread, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
    one, two = torch.load(tmp_path / "one"), torch.load(tmp_path / "two")
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        assert torch.allclose(tensor, two[name], rtol=1e-6, atol=1e-9), name


@pytest.mark.slow
def test_two_processes_train_like_one(
    small: tuple[str, ...], root: Path, train_harcli: Harcli, single_thread: dict[str, str], tmp_path: Path
) -> None:
    """The command under torchrun: the same batches, and scores over exactly the validation images."""
    # Rounding grows with the steps; bfloat16, which `auto` is on some processors, rounds more than what is compared here.
    slow = ("--recipe", "paper", "--lr", "1e-4", "--head-lr", "1e-4", "--precision", "fp32")
    train_harcli("train", *small, *slow, "--root", root, "--out", tmp_path / "one")
    words = ("harcli", "train", *small, *slow, "--root", str(root), "--out", str(tmp_path / "two"))
    done = subprocess.run([*TORCHRUN, "-m", *words], env=single_thread, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "two" / "config.json").read_text())["begun"]["processes"] == 2
    for a, b in zip(log(tmp_path / "one"), log(tmp_path / "two"), strict=True):
        assert b["loss"] == pytest.approx(a["loss"], rel=5e-3)
        assert b.keys() == a.keys()
    assert log(tmp_path / "two")[0]["loss"] == pytest.approx(log(tmp_path / "one")[0]["loss"], rel=1e-5)


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
