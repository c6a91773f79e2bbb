"""Checkpoints: tensors as safetensors, everything else as JSON in its metadata; loading one executes no code."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.network import DaHar, DaHarConfig
from harcli.runtime import limit_torch


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write a safetensors file, which appears whole or not at all.

    Raises:
        HarcliError: it could not be written (a full disk, a folder that is gone); what was at `path` is as it was.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, str(temporary), metadata=metadata)
        temporary.chmod(0o666 & ~_umask())  # safetensors gives the file to its owner alone
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        kept = "; the last one is as it was" if path.exists() else ""
        raise HarcliError(f"{path}: the checkpoint could not be written ({error}){kept}") from error


def save(path: Path, model: DaHar, about: dict[str, Any]) -> None:
    """Write the model's weights, configuration and `about` (JSON values)."""
    # One key: safetensors writes several in an order that changes from run to run.
    write_tensors(path, model.state_dict(), {"harcli": json.dumps({"network": asdict(model.config), "about": about})})


def read_about(path: Path) -> dict[str, Any]:
    """What was said about the model, without its weights.

    Raises:
        HarcliError: as of `load`.
    """
    with _refused(path):
        return dict(_metadata(path)["about"])


def load(path: Path) -> tuple[DaHar, dict[str, Any]]:
    """The model, in evaluation mode, and what was said about it.

    Raises:
        HarcliError: the file is missing or is not a checkpoint of `harcli train`.
    """
    limit_torch()
    with _refused(path):
        said = _metadata(path)
        about: dict[str, Any] = said["about"]
        model = DaHar(DaHarConfig(**said["network"]))
        model.load_state_dict(load_file(str(path)), strict=True)
    return model.eval(), about


def _metadata(path: Path) -> dict[str, Any]:
    with safe_open(str(path), "pt") as file:
        said: dict[str, Any] = strict_json.loads((file.metadata() or {})["harcli"], finite=False)
    return said


@contextlib.contextmanager
def _refused(path: Path) -> Iterator[None]:
    """What is wrong with a file, in one line."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        why = "a folder; name a checkpoint in it" if path.is_dir() else error
        raise HarcliError(f"{path}: cannot be read as a checkpoint ({why})") from error
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise HarcliError(f"{path}: not a checkpoint of harcli train, or of another version of it") from error


def _umask() -> int:
    """The permissions that this process takes away from new files; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
