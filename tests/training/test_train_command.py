"""The whole training wing as a user runs it: train, evaluate, export, tag."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.network import checkpoint

Harcli = Callable[..., "subprocess.CompletedProcess[str]"]


def test_run_folder_says_what_was_done(trained: Path) -> None:
    config = json.loads((trained / "config.json").read_text())
    assert config["attributes"] == ["male", "female", "collar"]  # scarf is known of nobody
    assert config["run"]["train"]["iterations"] == 8
    assert config["begun"]["harcli"].startswith("0.")
    lines = [json.loads(line) for line in (trained / "log.jsonl").read_text().splitlines()]
    assert [line["iteration"] for line in lines] == list(range(1, 9))
    assert ["val mAP" in line for line in lines] == [False, True] * 4
    best = checkpoint.load(trained / "best.safetensors")[1]
    assert best["val mAP"] == max(line["val mAP"] for line in lines if "val mAP" in line)
    assert Image.open(trained / "curves.png").width > 600
    assert {p.name for p in trained.iterdir()} == {
        *("config.json", "log.jsonl", "curves.png", "best.safetensors", "last.safetensors")
    }


def test_the_last_line_says_how_much_was_trained(
    small: tuple[str, ...], root: Path, train_harcli: Harcli, tmp_path: Path
) -> None:
    """Few iterations see few of the images."""
    said = train_harcli("train", *small, "--iterations", "2", "--root", root, "--out", tmp_path / "run").stderr
    told = "trained for 2 iterations of 4 images, 8 in all, drawn from 32"
    assert said.splitlines()[-1] == f"{tmp_path / 'run'}: {told}"


def test_evaluate_export_and_tag(
    root: Path, trained: Path, train_harcli: Harcli, bus_photos: Path, tmp_path: Path
) -> None:
    data = ("--dataset", "clothing_attributes", "--root", root)
    weights, val = trained / "last.safetensors", tmp_path / "val.json"
    train_harcli("evaluate", weights, *data, "--part", "val", "--choose-thresholds", "--out", val)
    model = tmp_path / "m.onnx"
    # Eight steps may rank worse than guessing does: keep every attribute.
    export = ("export-onnx", weights, "--thresholds", val, "--crops", bus_photos, "--min-gain=-99")
    said = train_harcli(*export, "--out", model, "--name", "tiny", "--half").stderr
    assert "largest difference" in said

    # The model file gives the same figures as the checkpoint, up to the rounding of its weights.
    train_harcli("evaluate", weights, *data, "--out", tmp_path / "torch.json", "--thresholds", val)
    train_harcli("evaluate", model, *data, "--out", tmp_path / "onnx.json")
    torch_ap, onnx_ap = (
        json.loads((tmp_path / f"{name}.json").read_text())["means"]["mAP"] for name in ("torch", "onnx")
    )
    assert onnx_ap == pytest.approx(torch_ap, abs=0.35)  # four images: one swap of ranks is a large step

    train_harcli("tag", bus_photos / "bus.jpg", "--model", model, "--out", tmp_path / "attrs.csv")
    rows = list(csv.DictReader((tmp_path / "attrs.csv").open()))
    assert {"male", "female", "collar"} <= set(rows[0])


def test_the_papers_recipe_learns_own_labels(
    small: tuple[str, ...], root: Path, train_harcli: Harcli, tmp_path: Path
) -> None:
    """One data set, no --labels: its own names; SGD, corner crops, weighted loss, scored on the full patch."""
    out = tmp_path / "paper"
    small = ("--depth", "18", "--batch", "4", "--size", "112x112", "--epochs", "0.25", "--loss", "weighted")
    data = ("--dataset", "clothing_attributes", "--root", root)
    train_harcli("train", *data, "--recipe", "paper", *small, "--out", out)
    config = json.loads((out / "config.json").read_text())
    assert "collar" in config["attributes"]
    assert "gender" not in config["attributes"]  # its two values are two labels
    train = config["run"]["train"]
    assert (train["optimiser"], train["lr"], train["full"]) == ("sgd", 0.003, [128, 128])
    assert train["iterations"] == 2  # a quarter of 32 images, 4 at a time
    _, about = checkpoint.load(out / "best.safetensors")
    assert (about["labels"], about["iteration"]) == ("own", 2)


def test_a_finished_run_has_nothing_left_to_do(trained: Path, train_harcli: Harcli) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in trained.iterdir()}
    done = train_harcli("train", "--resume", trained)
    assert done.returncode == 0
    said = r"finished already \(\d+ iterations\); there is nothing left to do\n"
    assert re.fullmatch(re.escape(f"{trained}: ") + said, done.stderr)
    assert {path.name: path.stat().st_mtime_ns for path in trained.iterdir()} == before


def test_users_mistakes_get_one_line(
    root: Path, trained: Path, train_harcli: Harcli, refused: Callable[..., str], tmp_path: Path
) -> None:
    ours = ("--dataset", "clothing_attributes", "--root", root, "--out", tmp_path / "x")
    assert "unknown data set 'cpp'; did you mean ccp?" in refused(
        "train", "--dataset", "cpp", "--root", root, "--out", tmp_path / "x"
    )
    said = train_harcli("train", "--dataset", "peta", "--root", root, "--out", tmp_path / "x", check=1).stderr
    *remarks, last = said.splitlines()
    assert not [line for line in remarks if line.startswith("harcli: ")]
    assert last.startswith("harcli: ")
    assert "no such folder" in last
    assert "multiples of 16" in refused("train", *ours, "--size", "100x50")
    assert "choose bce, weighted, focal or mixed" in refused("train", *ours, "--loss", "hinge")
    assert "choose cosine or steps" in refused("train", *ours, "--schedule", "step")
    assert "choose adamw or sgd" in refused("train", *ours, "--optimiser", "SGD")
    assert "seed -1" in refused("train", *ours, "--seed", "-1")
    assert "epochs 0" in refused("train", *ours, "--epochs", "0")
    assert "did you mean clothing_attributes?" in refused("train", *ours, "--weights", "clothing=2")
    assert "hold the same people" in refused("train", "--dataset", "rap,rap2", *ours[2:])
    assert "leave out --epochs" in refused("train", "--resume", trained, "--epochs", "3")
    assert "choose modern or paper" in refused("train", *ours, "--recipe", "papr")
    assert "no split '7'" in refused("train", *ours, "--split", "7")
    assert "other attributes" in refused("train", *ours, "--start", trained / "last.safetensors")
    assert "--resume" in refused("train", "--dataset", "clothing_attributes", "--root", root, "--out", trained)
    assert "config.json" in refused("train", "--resume", tmp_path)
    junk = tmp_path / "junk.safetensors"
    junk.write_bytes(b"junk")
    assert str(junk) in refused("evaluate", junk, "--dataset", "clothing_attributes", "--root", root)
    assert not (tmp_path / "x").exists()


def test_an_unreadable_image_ends_with_its_name(
    small: tuple[str, ...], root: Path, train_harcli: Harcli, tmp_path: Path
) -> None:
    import shutil

    copy = tmp_path / "data"
    shutil.copytree(root, copy)
    (copy / "clothing_attributes" / "images" / "000013.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    said = train_harcli("train", *small, "--root", copy, "--out", tmp_path / "run", check=1).stderr
    assert "000013.jpg" in said.splitlines()[-1]
    assert "the last checkpoint is kept" in said.splitlines()[-1]


def test_out_of_memory_is_one_line(small: tuple[str, ...], root: Path, tmp_path: Path) -> None:
    """Memory that the allocator cannot give, and a GPU's that is full."""
    import torch

    from harcli.errors import HarcliError
    from harcli.training import run
    from harcli.training.config import from_recipe
    from harcli.training.spec import RunSpec

    config = from_recipe("modern", size=(64, 32), full=(64, 32), small_size=(64, 32), iterations=1, batch=2)
    spec = RunSpec(("clothing_attributes",), str(root), min_positives=5, depth=18, train=config)
    for error in (RuntimeError("DefaultCPUAllocator: can't allocate memory"), torch.OutOfMemoryError("CUDA")):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        with pytest.MonkeyPatch.context() as patch, pytest.raises(HarcliError, match=r"2 images of 64x32.*--batch"):
            patch.setattr(run, "train", fail)
            run.start(spec, tmp_path / type(error).__name__, print)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (signal.SIGTERM, "was ended (signal: Terminated); go on"),
        (signal.SIGKILL, "was ended (signal: Killed); if nobody did that, the system did, for want of memory; go on"),
    ],
)
def test_a_worker_that_somebody_ends_is_not_called_out_of_memory(
    small: tuple[str, ...], root: Path, tmp_path: Path, end: signal.Signals, told: str
) -> None:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("this system does not tell a process's children: run this on Linux")
    out = tmp_path / "run"
    command = [sys.executable, "-m", "harcli", "train", *small, "--iterations", "9999", "--save-every", "9999"]
    command += ["--workers", "1", "--root", str(root), "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 120
            while not (out / "log.jsonl").is_file() or not (out / "log.jsonl").stat().st_size:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
            children = [child for task in tasks for child in task.read_text().split()]
            named = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
            (worker,) = [int(child) for child, line in named.items() if b"resource_tracker" not in line]
            os.kill(worker, end)
            said = process.communicate(timeout=60)[1]
        finally:
            process.kill()
    assert process.returncode == 1
    assert said.splitlines()[-1].endswith(f"{told} with harcli train --resume {out}"), said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError("Caught MemoryError in DataLoader worker process 0."), "out of memory"),
        (RuntimeError("DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that dataloader's "
                      "workers are out of shared memory."), "out of memory"),
        (RuntimeError("DataLoader worker (pid(s) 7, 8) exited unexpectedly"), "a process that prepares images ended"),
        (EOFError(), "a process that prepares images ended"),
        (ConnectionResetError(104, "Connection reset by peer"), "a process that prepares images ended"),
        (EOFError("Caught EOFError in DataLoader worker process 0. the file ends too soon"), None),
        (RuntimeError("Caught RuntimeError in DataLoader worker process 0. shapes differ"), None),
    ],
)  # fmt: skip
def test_what_torch_says_of_workers(error: Exception, told: str | None) -> None:
    from harcli.training.obstacles import obstacle
    from harcli.training.spec import RunSpec

    line = obstacle(error, RunSpec(("peta",), "data"), Path("run"))
    assert line is None if told is None else str(line).startswith(told)
