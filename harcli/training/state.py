"""Everything that a run needs to go on to the bit: one file, which appears whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.network import DaHar
from harcli.network.checkpoint import write_tensors

STATE = "resume.safetensors"


def save(out: Path, model: DaHar, average: DaHar, optimiser: torch.optim.Optimizer, progress: dict[str, Any]) -> None:
    """Write `out/resume.safetensors`: weights, moving average, optimiser, and `progress` (JSON values)."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    if average is not model:
        tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    tensors |= _optimiser_tensors(optimiser)
    write_tensors(out / STATE, tensors, {"harcli": json.dumps(progress)})


def load(out: Path, model: DaHar, average: DaHar, optimiser: torch.optim.Optimizer) -> dict[str, Any]:
    """Bring all of them to the saved state; gives the progress.

    Raises:
        HarcliError: the file is unreadable or belongs to another configuration.
    """
    path = out / STATE
    try:
        with safe_open(str(path), "pt") as file:
            progress: dict[str, Any] = strict_json.loads((file.metadata() or {})["harcli"], finite=False)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        model.load_state_dict(_part(tensors, "model."))
        if average is not model:
            average.load_state_dict(_part(tensors, "average."))
        _restore(optimiser, _part(tensors, "optimiser."))
    except (OSError, SafetensorError) as error:
        raise HarcliError(f"{path}: cannot be read ({error})") from error
    except (KeyError, ValueError, RuntimeError) as error:
        raise HarcliError(f"{path}: belongs to another configuration, or to another version of harcli") from error
    return progress


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _parameters(optimiser: torch.optim.Optimizer) -> list[Tensor]:
    return [p for group in optimiser.param_groups for p in group["params"]]


def _optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """`optimiser.<parameter's place>.<name>`, for example `optimiser.12.momentum_buffer`."""
    tensors = {}
    for i, parameter in enumerate(_parameters(optimiser)):
        for name, value in optimiser.state.get(parameter, {}).items():
            if value is not None:
                tensors[f"optimiser.{i}.{name}"] = value
    return tensors


def _restore(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    parameters = _parameters(optimiser)
    for key, value in tensors.items():
        place, name = key.split(".", 1)
        parameter = parameters[int(place)]
        if value.shape == parameter.shape:  # the same layout in memory as before, or sums may round differently
            value = torch.empty_like(parameter).copy_(value)
        optimiser.state[parameter][name] = value
