"""The wheel and the sdist: what is in them, what they ask for, and that the wheel alone tags photos."""

from __future__ import annotations

import csv
import email
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import harcli

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("da-har-fast", "da-har-lite2", "person-detector")

Build = Callable[[str, Path, Path], Path]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as an installer unpacks it, in a Python that cannot reach any network."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    (folder / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*about): raise SystemExit('the network was asked for')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
    )
    return folder


def contents(wheel: Path) -> dict[str, int]:
    """Name and checksum of each file, but for the list of them."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist() if not info.filename.endswith("/RECORD")}


def requirements(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    assert metadata["Requires-Python"] == ">=3.10"
    return [Requirement(text) for text in metadata.get_all("Requires-Dist") or []]


def test_all_of_the_package_is_in_the_wheel_and_nothing_else(wheel: Path) -> None:
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "harcli").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "_models" not in path.parts
    }
    models = {f"harcli/_models/{model}/{name}" for model in MODELS for name in ("model.onnx", "card.md", "scores.json")}
    models |= {f"harcli/_models/{path.relative_to(ROOT / 'models')}" for path in ROOT.glob("models/*/model.int8.onnx")}
    names = set(contents(wheel))
    assert {name for name in names if ".dist-info/" not in name} == package | models | {"harcli/_models/SHA256SUMS"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_sdist_makes_the_same_wheel(build: Build, wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    assert contents(build("wheel", source, tmp_path / "again")) == contents(wheel)
    for name in ("tests/conftest.py", "docs/commands.md", "benchmarks/readme.py", "README.md", "CONTRIBUTING.md"):
        assert (source / name).is_file(), name


MACHINES = {
    "Linux": ("linux", "x86_64"),
    "Linux on ARM": ("linux", "aarch64"),
    "macOS": ("darwin", "arm64"),
    "Mac with Intel": ("darwin", "x86_64"),
    "Windows": ("win32", "AMD64"),
    "Windows on ARM": ("win32", "ARM64"),
}


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("machine", MACHINES)
def test_what_the_wheel_asks_for(wheel: Path, machine: str, version: str) -> None:
    """By the markers. That PyPI has such wheels was looked up by hand: docs/release.md says how."""
    platform, processor = MACHINES[machine]
    environment = {"python_version": version, "sys_platform": platform, "platform_machine": processor, "extra": ""}
    names = [each.name for each in requirements(wheel) if each.marker is None or each.marker.evaluate(environment)]
    assert len([name for name in names if name.startswith("onnxruntime")]) == 1
    assert ("tomli" in names) == (version == "3.10")
    assert {"pi-heif", "exiv2"} & set(names) == (set() if machine == "Windows on ARM" else {"pi-heif", "exiv2"})
    assert not {"torch", "pyarrow"} & set(names)


def test_the_wheel_alone_tags_photos_without_a_network(
    installed: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "harcli", "tag", photos, "--out", "attrs.csv", "--no-store", "--quiet"]
    done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    with (empty / "attrs.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) >= 5
    assert any("long-sleeves" in row["tags"].split(";") for row in rows)
    ask = "import harcli.models_dir as m; print(m.models_dir())"
    done = subprocess.run([sys.executable, "-c", ask], cwd=empty, env=environment, capture_output=True, text=True)
    assert Path(done.stdout.strip()) == installed / "harcli" / "_models"


def test_what_is_tested_is_what_was_installed() -> None:
    if not os.environ.get("HARCLI_TESTS_A_WHEEL"):
        pytest.skip("set HARCLI_TESTS_A_WHEEL=1 after pip install harcli-*.whl, as .ci/run does")
    assert not Path(harcli.__file__).is_relative_to(ROOT)
    assert (Path(harcli.__file__).parent / "_models" / "SHA256SUMS").is_file()
