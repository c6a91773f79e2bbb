"""The program as a whole: instant help, version, imports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli import __version__

HEAVY = {"torch", "torchvision", "onnxruntime", "onnx", "ultralytics", "scipy", "numpy", "PIL", "rich"}


def test_version(harcli: Callable) -> None:
    assert harcli("--version").stdout == f"harcli {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["tag", "--help"]])
def test_help(harcli: Callable, arguments: list[str]) -> None:
    done = harcli(*arguments)
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert done.stderr == ""


def test_the_entry_point_is_installed() -> None:
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="harcli")
    assert script.value == "harcli.cli.main:run"


def test_help_imports_nothing_heavy(harcli: Callable) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "harcli", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in shown.splitlines()}
    assert "typer" in imported
    assert not imported & HEAVY


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows does not tell the processor time of children: run this on Linux or macOS"
)
def test_help_is_instant() -> None:
    """Processor time; on a slow machine, and under load, Typer is the yardstick, which takes about a quarter."""
    import resource

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def least(*words: str) -> float:
        seconds = []
        for _ in range(3):
            before = used()
            subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, timeout=60, check=True)
            seconds.append(used() - before)
        return min(seconds)

    assert least("-m", "harcli", "--help") < max(0.3, 5 * least("-c", "import typer"))


def test_tagging_needs_no_torch(harcli: Callable) -> None:
    """All that `harcli tag` imports, but for what `--detector FILE.pt` needs."""
    code = (
        "import sys, harcli.tagging.tagger, harcli.recognition.model, harcli.people.onnx_detector, harcli.outputs.csv;"
        "import harcli.cli.tag_report, harcli.runtime.session, harcli.photos.find, onnxruntime;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'torch', 'ultralytics', 'onnx', 'cv2'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_no_command_and_unknown_command(harcli: Callable) -> None:
    assert harcli().returncode == 2
    done = harcli("tagg")
    assert done.returncode == 2
    assert "tagg" in done.stderr


def test_nothing_is_left_at_home_and_nobody_is_called(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    """ONNX Runtime would keep a device id in the user's cache and send events."""
    home = tmp_path / "home"
    home.mkdir()
    places = ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = harcli("tag", "photos", "--out", "a.csv", "--no-store", env=environment | dict.fromkeys(places, str(home)))
    assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []
