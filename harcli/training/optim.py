"""What moves the weights: freezing, parameter groups, optimiser, rate, moving average."""

from __future__ import annotations

import math

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from harcli.network import DaHar
from harcli.training.config import TrainConfig


def freeze(model: DaHar, config: TrainConfig) -> None:
    """Keep the stem and the first `frozen_stages` stages of the backbone as they are, batch statistics included; and,
    with `fixed_norms`, the statistics of all others."""
    backbone, stages = model.backbone, config.frozen_stages
    if stages >= 0:
        for module in (*backbone.first_layers(), *backbone.stages()[:stages]):
            module.requires_grad_(False)
            module.eval()
    if config.fixed_norms:
        for module in model.modules():
            if isinstance(module, _BatchNorm):  # of one process or of several
                module.eval()


def make_optimiser(model: DaHar, config: TrainConfig) -> torch.optim.Optimizer:
    """Backbone and new layers at their own rates; without `decay_norms`, no weight decay on norms and biases."""
    groups: list[dict[str, object]] = []
    for pretrained in (True, False):
        for matrix in (True, False):
            chosen = [
                p
                for n, p in model.named_parameters()
                if p.requires_grad and n.startswith("backbone.") == pretrained and (p.ndim > 1) == matrix
            ]
            rate = config.lr if pretrained else config.head_lr
            decay = config.weight_decay if matrix or config.decay_norms else 0.0
            if chosen:
                groups.append({"params": chosen, "lr": rate, "highest": rate, "weight_decay": decay})
    if config.optimiser == "sgd":
        return torch.optim.SGD(groups, momentum=config.momentum)
    return torch.optim.AdamW(groups)


def rate_factor(iteration: int, config: TrainConfig) -> float:
    """What the highest rates are multiplied by: a linear warm-up, then a cosine to 0 or steps down by `gamma`."""
    warm = round(config.warm_up * config.iterations)
    if iteration < warm:
        return (iteration + 1) / warm
    if config.schedule == "steps":
        return config.gamma ** sum(iteration >= share * config.iterations for share in config.steps)
    return 0.5 * (1 + math.cos(math.pi * (iteration - warm) / max(1, config.iterations - warm)))


def set_rate(optimiser: torch.optim.Optimizer, iteration: int, config: TrainConfig) -> float:
    """Set the rates of an iteration; gives the factor. No schedule object: nothing to restore on resume."""
    factor = rate_factor(iteration, config)
    for group in optimiser.param_groups:
        group["lr"] = group["highest"] * factor
    return factor


@torch.no_grad()
def move_average(average: DaHar, model: DaHar, decay: float, iteration: int) -> None:
    """Move weights and batch statistics of `average` towards `model`; faster in the first iterations."""
    keep = min(decay, (1 + iteration) / (10 + iteration))
    ours, theirs = average.state_dict(), model.state_dict()
    floats = [name for name, tensor in ours.items() if tensor.is_floating_point()]
    torch._foreach_lerp_([ours[n] for n in floats], [theirs[n] for n in floats], 1 - keep)
    for name in ours.keys() - set(floats):
        ours[name].copy_(theirs[name])
