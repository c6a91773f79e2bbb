"""Where the models that come with harcli lie."""

from __future__ import annotations

from pathlib import Path

from harcli.errors import HarcliError

_PACKAGE = Path(__file__).resolve().parent


def models_dir() -> Path:
    """The folder with one folder a model (`da-har-r50/model.onnx`, `person-detector/model.onnx`).

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
