"""Where models lie: those that come with harcli, and one's own."""

from __future__ import annotations

import os
from pathlib import Path

from harcli.errors import HarcliError
from harcli.folders import files_in, folders_in, is_folder

OWN_MODELS = "HARCLI_MODEL_DIR"
"""The environment variable that names a folder of one's own models."""

DEFAULT_MODEL = "da-har-lite2"
"""The name of the attribute model that is used if none is named."""

SHORT_NAMES = {"fast": "da-har-fast"}
"""Names that say what an installed model is for."""

DETECTOR = "person-detector"
"""The name of the person detector that is used if none is named."""

LOWER = ("fp16", "int8")
"""Precisions below float32; `NAME.int8.onnx` beside `NAME.onnx` is the same model."""

CHECKPOINT = ".safetensors"
"""How the files end that `harcli train` writes."""

_PACKAGE = Path(__file__).resolve().parent


def installed() -> dict[str, Path]:
    """The `.onnx` file of each model that can be named, by its name.

    These are the models that come with harcli, and, if `HARCLI_MODEL_DIR` is set, `NAME/model.onnx` and `NAME.onnx` in
    the folder that it names. Of two with one name the own one counts.

    Raises:
        HarcliError: `HARCLI_MODEL_DIR` is no folder, or the models that come with harcli are missing.
    """
    models = _in_folders(models_dir())
    if own := os.environ.get(OWN_MODELS):
        if not is_folder(Path(own)):
            raise HarcliError(f"{OWN_MODELS}: there is no folder {own}; name another, or unset it")
        models |= {file.stem: file for file in files_in(Path(own), [".onnx"]) if not _is_lowered(file)}
        models |= _in_folders(Path(own))
    return models


def _is_lowered(file: Path) -> bool:
    """Whether it is by its name a lower precision of a file beside it, and no model of its own."""
    name, _, precision = file.stem.rpartition(".")
    return precision in LOWER and bool(name) and os.path.isfile(file.with_name(f"{name}.onnx"))  # noqa: PTH113


def _in_folders(home: Path) -> dict[str, Path]:
    """`NAME/model.onnx` by its name."""
    files = {folder.name: folder / "model.onnx" for folder in folders_in(home)}
    return {name: file for name, file in files.items() if os.path.isfile(file)}  # noqa: PTH113


def find_model(spec: str | Path) -> Path | None:
    """The file that `spec` names: itself, the `model.onnx` in it, the installed model of this (short) name; or None.

    Raises:
        HarcliError: it names a checkpoint, or the folder of a training run; or as `installed`.
    """
    path = Path(spec)
    for candidate in (path, path / "model.onnx"):
        if os.path.isfile(candidate):  # noqa: PTH113
            _refuse_checkpoint(candidate)
            return candidate
    if is_folder(path) and (checkpoints := [file for file in files_in(path, [CHECKPOINT]) if file.stem != "resume"]):
        raise HarcliError(
            f"{spec} is the folder of a training run: `harcli evaluate` and `explain` take a checkpoint in it, "
            f"{min(checkpoints)}, and `harcli export-onnx` makes a model of one"
        )
    models, name = installed(), str(spec)
    return models.get(name) or models.get(SHORT_NAMES.get(name, name))


def _refuse_checkpoint(file: Path) -> None:
    """Say what to do with a checkpoint, which ONNX Runtime would call a broken file."""
    if file.suffix.lower() == CHECKPOINT:
        raise HarcliError(f"{file} is a checkpoint, not a model; `harcli export-onnx {file} ...` makes a model of it")


def models_dir() -> Path:
    """The folder with one folder per model (`da-har-lite2/model.onnx`, `person-detector/model.onnx`).

    An installed wheel carries it as `harcli/_models`; in a clone (or an editable install of one) it is `models` beside
    the package.

    Raises:
        HarcliError: neither is there.
    """
    installed = _PACKAGE / "_models"
    if installed.is_dir():
        return installed
    clone = _PACKAGE.parent / "models"
    if clone.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return clone
    raise HarcliError(f"The models that come with harcli are missing: no {installed} and no {clone}; reinstall harcli.")
