"""What would be published, built once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Build = Callable[[str, Path, Path], Path]


@pytest.fixture(scope="session")
def build() -> Build:
    """`build(kind, source, out)`: the wheel or sdist of a folder, in an empty one."""
    pytest.importorskip("hatchling", reason="building a wheel needs pip install '.[dev]'")

    def made(kind: str, source: Path, out: Path) -> Path:
        command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(out)]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        (file,) = out.iterdir()
        return file

    return made


@pytest.fixture(scope="session")
def wheel(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))
