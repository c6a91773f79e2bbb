"""A tiny data set made of two real photos, and the real command as a process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat
from typer.testing import CliRunner

from harcli.cli.main import app
from harcli.errors import HarcliError

BUS_PEOPLE = [(222, 405, 345, 860), (668, 390, 809, 880), (47, 398, 245, 903)]
SMALL = (
    *("--dataset", "clothing_attributes", "--labels", "shared", "--depth", "18", "--iterations", "8", "--batch", "4"),
    *("--size", "64x32", "--small-size", "32x32", "--small-share", "0.25", "--min-positives", "5", "--save-every", "2"),
)

Harcli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def small() -> tuple[str, ...]:
    """Options of a run that takes seconds."""
    return SMALL


@pytest.fixture(scope="session")
def single_thread() -> dict[str, str]:
    """The environment of a run that must not depend on how many cores there are."""
    return os.environ | {"OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def train_harcli(single_thread: dict[str, str]) -> Harcli:
    """`train_harcli(*words, check=0)` runs the command and asserts its exit code; never a traceback."""

    def run(*words: object, check: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "harcli", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=single_thread)
        assert done.returncode == check, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def refused() -> Callable[..., str]:
    """`refused(*words)`: the one line with which a command ends; in this process, since torch takes seconds to load."""

    def run(*words: object) -> str:
        end = CliRunner().invoke(app, list(map(str, words))).exception
        assert isinstance(end, HarcliError), repr(end)
        assert len(str(end).splitlines()) == 1
        return str(end)

    return run


@pytest.fixture(scope="session")
def bus_photos() -> Path:
    """The folder with bus.jpg and zidane.jpg."""
    return Path(importlib.util.find_spec("ultralytics").submodule_search_locations[0]) / "assets"


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory, bus_photos: Path) -> Path:
    """Clothing Attributes' layout, 40 images: crops of the people in bus.jpg, half of them said to be men."""
    root = tmp_path_factory.mktemp("data")
    folder = root / "clothing_attributes"
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    bus = Image.open(bus_photos / "bus.jpg").convert("RGB")
    for i in range(40):
        x1, y1, x2, y2 = BUS_PEOPLE[i % 3]
        crop = bus.crop((x1 - i, y1, x2, y2 - i))
        crop.save(folder / "images" / f"{i + 1:06d}.jpg")
    rng = np.random.default_rng(0)
    values = {"gender": rng.integers(1, 3, 40), "collar": rng.integers(1, 3, 40), "scarf": np.full(40, np.nan)}
    for name, column in values.items():
        savemat(folder / "labels" / f"{name}_GT.mat", {"GT": column.astype(float)[:, None]})
    return root


@pytest.fixture(scope="session")
def trained(root: Path, train_harcli: Harcli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of `SMALL`."""
    out = tmp_path_factory.mktemp("run") / "run"
    train_harcli("train", *SMALL, "--root", root, "--out", out)
    return out
