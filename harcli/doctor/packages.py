"""Versions, and the extras that are not installed."""

from __future__ import annotations

import os
import sys
from importlib import metadata

import harcli
from harcli.doctor.check import BROKEN, NOTE, OK, Check
from harcli.errors import HarcliError
from harcli.extras import install

NEEDED = ("typer", "rich", "pillow", "pathspec", "numpy", "platformdirs", "psutil")
EXTRAS = {
    "heif": ("HEIC photos", ("pi-heif",)),
    "xmp": ("RAW photos, and keywords that programs write into photos", ("exiv2",)),
    "parquet": ("Parquet files", ("pyarrow",)),
    "video": ("videos", ("av", "trackers")),
    "show": ("pictures in the terminal", ("textual-image",)),
    "serve": (
        "tagging over HTTP",
        ("fastapi", "fastapi-offline", "uvicorn", "python-multipart", "httpx", "prometheus-client"),
    ),
    "remote": ("photos and results by URL; also harcli[s3], [gcs], [azure], [sftp]", ("fsspec", "tenacity")),
    "ray": ("a cluster", ("ray", "pyarrow", "grpcio")),
    "train": ("training, evaluation and export", ("torch", "torchvision", "onnx", "ultralytics", "safetensors")),
}
"""By the name of an extra: what it is for, and its packages."""


def python() -> Check:
    """The interpreter."""
    version = sys.version.split()[0]
    own = sys.prefix != sys.base_prefix
    text = f"{version}{', in a virtual environment' if own else ''}: {sys.executable}"
    facts = {
        **{"version": version, "virtual environment": own, "encoding": sys.getfilesystemencoding()},
        "variables": sorted(name for name in os.environ if name.startswith("HARCLI_")),  # not what they say
    }
    return Check("Python", text, facts)


def packages() -> Check:
    """harcli and what it cannot do without."""
    versions = {"harcli": harcli.__version__, **{name: version(name) for name in NEEDED}}
    missing = [name for name, found in versions.items() if not found]
    text = ", ".join(f"{name} {found or 'missing'}" for name, found in versions.items())
    if missing:
        return Check("packages", text, {"versions": versions}, BROKEN, f"pip install {' '.join(missing)}")
    return Check("packages", text, {"versions": versions})


def extras() -> list[Check]:
    """One check for each extra."""
    checks = [_extra(name, what, names) for name, (what, names) in EXTRAS.items()]
    return [_loaded(check) if check.name == "extra video" and check.state == OK else check for check in checks]


def _extra(name: str, what: str, names: tuple[str, ...]) -> Check:
    versions = {each: version(each) for each in names}
    missing = [each for each, found in versions.items() if not found]
    text = ", ".join(f"{each} {found or 'missing'}" for each, found in versions.items())
    remedy = f"{install(name)}, for {what}" if missing else ""
    return Check(f"extra {name}", text, {"versions": versions}, NOTE if missing else OK, remedy)


def _loaded(check: Check) -> Check:
    """The check of the extra `video`, if what it has can be loaded: OpenCV, which comes with it, asks for much."""
    from harcli.video.tracker import HEADLESS, load

    try:
        load()
    except HarcliError as error:
        return Check(check.name, str(error), {**check.facts, "loads": False}, BROKEN, HEADLESS)
    return check


def version(package: str) -> str:
    """Of an installed package; empty if it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
