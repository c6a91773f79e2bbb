"""A photo with a sidecar beside it, and what exiftool reads in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.sidecars.xmp import SidecarWriter

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="needs exiftool: apt install libimage-exiftool-perl"
)

INFO = RunInfo((AttributeSpec("hat", "head", 0.5), AttributeSpec("jeans", "lower-body", 0.5)), "/photos", "1.0")
PERSON = Record("photo.jpg", 640, 480, 1, (64.0, 48.0, 320.0, 432.0), 0.9, ("hat",), {"hat": 0.9, "jeans": 0.1})


@pytest.fixture
def photo(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (640, 480)).save(path)
    yield path
    assert {each.name for each in tmp_path.iterdir()} <= {"photo.jpg", "photo.jpg.xmp", "photo.xmp"}


@pytest.fixture
def sidecar(photo: Path) -> Path:
    return photo.with_name("photo.jpg.xmp")


def write(photo: Path, record: Record = PERSON, *, regions: bool = False) -> bool:
    return SidecarWriter(INFO, regions=regions).write([record], photo)


def exiftool(*arguments: str | Path) -> str:
    return subprocess.run(["exiftool", *arguments], capture_output=True, text=True, check=True).stdout


def told(path: Path) -> dict[str, Any]:
    """Everything that exiftool reads in a file, but for what the file system says and who wrote it."""
    (found,) = json.loads(exiftool("-j", "-struct", "-G1", "-a", "-n", path))
    return {
        name: value
        for name, value in found.items()
        if name.split(":")[0] not in ("SourceFile", "ExifTool", "System", "File") and name != "XMP-x:XMPToolkit"
    }
