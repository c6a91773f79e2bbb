"""Ctrl-C and SIGTERM end a run within two seconds, whatever it is doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such signals: run this on Linux or macOS"
)

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]

STUCK = """
import hashlib, signal, sys
from pathlib import Path
from harcli.cli import main
from harcli.cli.ending import end_promptly
from harcli.outputs.whole_file import whole_binary

def app(**about):
    end_promptly()
    with whole_binary(Path("a.csv")):
        print("begun", flush=True)
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)  # like a decoder, it never looks at signals

main.app = app
main.run()
"""


def sensitive() -> None:
    """A shell may have started the tests with Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def ended(process: subprocess.Popen[bytes], number: signal.Signals) -> tuple[int, float]:
    """The exit code after a signal, and the seconds until the end."""
    start = time.monotonic()
    process.send_signal(number)
    code = process.wait(60)
    return code, time.monotonic() - start


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_main_thread_that_does_not_come_back(tmp_path: Path, number: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK], cwd=tmp_path, stdout=subprocess.PIPE, preexec_fn=sensitive
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    assert len(os.listdir(tmp_path)) == 1
    time.sleep(0.2)
    exit_code, seconds = ended(process, number)
    assert exit_code == code
    assert seconds < 3
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("scans", [300, 20_000])  # 0.6 s in a thread of the run, half a minute in another process
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_decoder_that_does_not_come_back(tmp_path: Path, number: signal.Signals, code: int, scans: int) -> None:
    photo = tmp_path / "long.jpg"
    Image.new("L", (1000, 1000), 90).save(photo, progressive=True)
    data = photo.read_bytes()
    last = data.rindex(b"\xff\xda")
    photo.write_bytes(data[:last] + data[last:-2] * scans + data[-2:])
    for i in range(1, 40):
        (tmp_path / f"{i}.jpg").write_bytes(photo.read_bytes())
    command = [sys.executable, "-m", "harcli", "tag", ".", "--no-store", "--out", "a.csv"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, preexec_fn=sensitive)
    until(lambda: any(name.endswith(".tmp") for name in os.listdir(tmp_path)))
    time.sleep(0.5)
    exit_code, seconds = ended(process, number)
    assert exit_code == code
    assert seconds < 3
    assert not [name for name in os.listdir(tmp_path) if not name.endswith(".jpg")]


def until(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("not within a minute")
