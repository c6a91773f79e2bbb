"""What the tests of several rooms share: real photos, and the real command as a process."""

from __future__ import annotations

import csv
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder with bus.jpg and zidane.jpg in the installed ultralytics package, which is not imported."""
    spec = importlib.util.find_spec("ultralytics")
    if spec is None or spec.origin is None:
        pytest.skip("the photos bus.jpg and zidane.jpg come with ultralytics: pip install '.[dev]'")
    return Path(spec.origin).parent / "assets"


@pytest.fixture
def photos(assets: Path, tmp_path: Path) -> Path:
    """A folder of one's own with bus.jpg and zidane.jpg."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("bus.jpg", "zidane.jpg"):
        shutil.copy(assets / name, folder / name)
    return folder


@pytest.fixture
def harcli(tmp_path: Path) -> Run:
    """`harcli(*arguments, **options of subprocess.run)` runs the command as a process in the test's folder."""

    def run(*arguments: str | Path | bytes, **options: object) -> subprocess.CompletedProcess[str]:
        settings: dict[str, object] = {"capture_output": True, "text": True, "cwd": tmp_path, "timeout": 300}
        command = [sys.executable, "-m", "harcli", *arguments]
        return subprocess.run(command, **(settings | options))  # type: ignore[call-overload, no-any-return]

    return run


@pytest.fixture
def rows() -> Callable[[Path], list[dict[str, str]]]:
    """Reads a CSV file of results."""

    def read(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return list(csv.DictReader(stream))

    return read
