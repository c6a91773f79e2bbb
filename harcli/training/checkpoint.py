"""Checkpoints: tensors as safetensors, everything else as JSON in its metadata; loading one executes no code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from harcli.errors import HarcliError
from harcli.network import DaHar, DaHarConfig


def save(path: Path, model: DaHar, about: dict[str, Any]) -> None:
    """Write the model's weights, configuration and `about` (JSON values); the file appears whole or not at all."""
    state = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
    # One key: safetensors writes several in an order that changes from run to run.
    metadata = {"harcli": json.dumps({"network": asdict(model.config), "about": about})}
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(state, str(temporary), metadata=metadata)
    temporary.replace(path)


def load(path: Path) -> tuple[DaHar, dict[str, Any]]:
    """The model, in evaluation mode, and what was said about it.

    Raises:
        HarcliError: the file is missing or is not a checkpoint of `harcli train`.
    """
    try:
        with safe_open(str(path), "pt") as file:
            metadata = file.metadata() or {}
        said = json.loads(metadata["harcli"])
        about: dict[str, Any] = said["about"]
        model = DaHar(DaHarConfig(**said["network"]))
        model.load_state_dict(load_file(str(path)), strict=True)
    except (OSError, SafetensorError) as error:
        raise HarcliError(f"{path}: cannot be read as a checkpoint ({error})") from error
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise HarcliError(f"{path}: not a checkpoint of harcli train, or of another version of it") from error
    return model.eval(), about
