"""How `harcli tag` ends when it cannot do what was asked: exit code, one clear line, no half file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.models_dir import models_dir

DETECTOR = models_dir() / "person-detector" / "model.onnx"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["photos"], "--out"),
        (["--out", "a.csv"], "PATH"),
        (["photos", "--out", "a.xlsx"], "--out"),
        (["photos", "gone.jpg", "--out", "a.csv"], "gone.jpg"),
        (["photos", "--out", "a.csv", "--confidence", "2"], "--confidence"),
        (["photos", "--out", "a.csv", "--batch-size", "0"], "--batch-size"),
        (["photos", "--out", "a.csv", "--provider", "abacus"], "abacus"),
        (["photos", "--out", "a.csv", "--no-detect", "--confidence", "0.5"], "--no-detect"),
        (["photos", "--out", "a.csv", "--without", "sex,shoesize"], "shoesize"),
        (["photos", "--out", "a.csv", "--threshold", "hat=often"], "--threshold"),
        (["photos", "--out", "a.csv", "--threshold", "2"], "--threshold: '2': expected a probability"),
        (["photos", "--out", "a.csv", "--no-store", "--fresh"], "--no-store"),
        (["photos", "--save-crops", ""], "--save-crops"),
        (["photos", "--save-crops", "photos/crops"], "--save-crops"),
    ],
)
def test_a_mistake_in_the_command_line(
    harcli: Callable, photos: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = harcli("tag", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == ["photos"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["photos", "--out", "gone/a.csv"], "no folder"),
        (["photos", "--out", "photos/bus.jpg", "--format", "csv"], "photos are never written over"),
        (["photos", "--out", "a.csv", "--model", "da-har-r9000"], "da-har-r9000"),
        (["photos", "--out", "a.csv", "--model", str(DETECTOR)], "no harcli metadata"),
        (["photos", "--out", "a.csv", "--model", "photos/bus.jpg"], "photos/bus.jpg"),
        (["photos", "--out", "a.csv", "--detector", "photos/bus.jpg"], "photos/bus.jpg"),
        (["photos", "--out", "a.csv", "--detector", "gone.onnx"], "gone.onnx"),
        (["photos", "--out", "photos"], "must end"),
    ],
)
def test_an_obstacle(harcli: Callable, photos: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    done = harcli("tag", *arguments)
    assert (done.returncode, done.stdout) == (2 if said == "must end" else 1, "")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 or done.returncode == 2
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == ["photos"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals: run this on Linux or macOS")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_the_middle(photos: Path, tmp_path: Path, number: signal.Signals, code: int) -> None:
    for i in range(300):
        shutil.copy(photos / "bus.jpg", photos / f"{i}.jpg")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("the old one\n")
    command = [sys.executable, "-m", "harcli", "tag", str(photos), "--out", str(out / "a.csv"), "--batch-size", "1"]

    def sensitive() -> None:
        """A shell may have started the tests with Ctrl-C ignored, and children inherit that."""
        signal.signal(signal.SIGINT, signal.default_int_handler)

    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=sensitive)
    wait_until_written(out, process)
    assert (out / "a.csv").read_text() == "the old one\n"
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert stdout == ""
    assert "Traceback" not in stderr
    assert os.listdir(out) == ["a.csv"]
    assert (out / "a.csv").read_text() == "the old one\n"


def wait_until_written(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the temporary file has content: records are being written."""
    for _ in range(1200):
        assert process.poll() is None, process.communicate()
        if any(path.stat().st_size > 0 for path in folder.glob(".*.tmp")):
            return
        time.sleep(0.05)
    pytest.fail("nothing was written in a minute")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals: run this on Linux or macOS")
def test_the_progress_bar_goes_to_a_terminal_only(
    photos: Path, tmp_path: Path, shown_by: Callable[[int], bytes]
) -> None:
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "harcli", "tag", str(photos), "--out", "a.csv"]
    environment = os.environ | {"TERM": "xterm"}  # a dumb one gets no bar
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=follower, cwd=tmp_path, env=environment)
    os.close(follower)
    shown = shown_by(leader)
    assert process.communicate(timeout=60)[0] == b""
    assert process.returncode == 0
    assert b"0/2" in shown
    assert b"photos/s" in shown
    assert b"written to" in shown
    assert b"a.csv" in shown
