"""Reading the data sets' files, with one clear line where one is missing or odd."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from harcli.datasets.sample import Sample
from harcli.errors import HarcliError

log = logging.getLogger(__name__)


def load_mat(path: Path, key: str) -> dict[str, Any]:
    """A MATLAB file that must hold the variable `key`.

    Raises:
        HarcliError: it is missing, unreadable or holds something else.
    """
    from scipy.io import loadmat

    if not path.is_file():
        raise HarcliError(f"{path}: not found; give the folder of the data set in its published layout")
    try:
        mat: dict[str, Any] = loadmat(path)
    except (OSError, ValueError, NotImplementedError, TypeError) as error:
        raise HarcliError(f"{path}: not a readable MATLAB file ({error})") from error
    if key not in mat:
        found = ", ".join(k for k in mat if not k.startswith("_"))
        raise HarcliError(f"{path}: expected a variable '{key}', found: {found or 'none'}")
    return mat


def existing(samples: list[Sample], folder: Path) -> list[Sample]:
    """The samples whose image is on disk; says how many are not.

    Raises:
        HarcliError: none is.
    """
    names = {p.name for p in folder.iterdir()} if folder.is_dir() else set()
    found = [s for s in samples if s.image.name in names]
    if not found:
        raise HarcliError(f"{folder}: none of the {len(samples)} images that the labels name is here")
    if len(found) < len(samples):
        log.warning("%s: %d of %d labelled images are not here", folder, len(samples) - len(found), len(samples))
    return found
