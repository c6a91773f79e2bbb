"""The models: whether their files are what they were made as, and whether they compute."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from harcli.doctor.check import BROKEN, OK, Check
from harcli.errors import HarcliError
from harcli.folders import files_in, folders_in
from harcli.models_dir import LOWER, OWN_MODELS, installed, models_dir
from harcli.runtime.precision import stale
from harcli.runtime.unchanged import check_shipped, file_digest, shipped_digests

_REINSTALL = "pip install --force-reinstall --no-deps harcli (in a clone: git checkout -- models)"


def built_in() -> Iterator[Check]:
    """The files that come with harcli: digests, and a run of each."""
    try:
        names = shipped_digests()
        home = models_dir()
    except HarcliError as error:
        yield Check("built-in models", str(error), {"missing": True}, BROKEN, _REINSTALL)
        return
    there = {file.relative_to(home).as_posix() for folder in folders_in(home) for file in files_in(folder, [".onnx"])}
    for name in sorted({*names, *there}):
        yield _file(name, home / name)


def own() -> Check:
    """The models of `HARCLI_MODEL_DIR`, in numbers."""
    folder = os.environ.get(OWN_MODELS)
    if not folder:
        return Check("own models", f"none ({OWN_MODELS} is not set)", {"count": 0})
    try:
        mine = [file for file in installed().values() if Path(folder) in file.parents]
    except HarcliError as error:
        return Check("own models", str(error), {"count": 0, "missing": True}, BROKEN, f"unset {OWN_MODELS}")
    from harcli.tagging.installed_models import describe

    broken = [model for file in mine if (model := describe(file.stem, file)).error]
    facts = {"count": len(mine), "unusable": len(broken)}
    if broken:
        return Check("own models", "; ".join(model.error for model in broken), facts, BROKEN, "harcli models says more")
    return Check("own models", f"{len(mine)} in {folder}", facts)


def _file(name: str, file: Path) -> Check:
    """One model file; on the CPU, which is always there."""
    try:
        check_shipped(file)
        digest = file_digest(file)
        _try(file)
    except HarcliError as error:
        return Check(f"model {name}", str(error), {"works": False}, BROKEN, _REINSTALL)
    size = file.stat().st_size
    if reason := _stale(file):
        facts = {"works": True, "used": False, "bytes": size, "sha256": digest}
        return Check(f"model {name}", f"{reason}, and is not used", facts, BROKEN, _REINSTALL)
    text = f"{size / 1e6:.1f} MB, digest as it should be ({digest[:12]}), computes"
    return Check(f"model {name}", text, {"works": True, "bytes": size, "sha256": digest}, OK)


def _stale(file: Path) -> str:
    """Why a file in lower precision does not fit the model beside it; empty for all others."""
    model, _, precision = file.stem.rpartition(".")
    return stale(file.with_name(f"{model}.onnx"), precision) if precision in LOWER else ""


def _try(file: Path) -> None:
    """Run it once on grey.

    Raises:
        HarcliError: it cannot be opened, or gives what it should not.
    """
    from harcli.people import load_detector
    from harcli.recognition.metadata import KEY
    from harcli.recognition.model import AttributeModel
    from harcli.runtime import open_session

    grey = np.full((320, 320, 3), 114, np.uint8)
    if KEY in open_session(file, "cpu").get_modelmeta().custom_metadata_map:
        AttributeModel.load(file, "cpu").probabilities([grey])
    else:
        load_detector(str(file), provider="cpu").detect([grey])
