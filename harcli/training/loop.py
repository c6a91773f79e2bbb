"""The training loop."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader

from harcli.datasets.sample import Sample
from harcli.datasets.transforms import Augment
from harcli.datasets.views import Item, Views
from harcli.errors import HarcliError
from harcli.evaluation.metrics import evaluate
from harcli.evaluation.predict import predict
from harcli.network import DaHar
from harcli.training import checkpoint
from harcli.training.config import TrainConfig
from harcli.training.losses import joint_loss
from harcli.training.order import sample_order

Report = Callable[[dict[str, float]], None]


def freeze(model: DaHar, stages: int) -> None:
    """Keep the stem and the first `stages` stages of the backbone as they are, batch statistics included."""
    if stages <= 0:
        return
    backbone = model.backbone
    for module in (backbone.conv1, backbone.bn1, *backbone.stages()[:stages]):
        module.requires_grad_(False)
        module.eval()


def parameter_groups(model: DaHar, config: TrainConfig) -> list[dict[str, object]]:
    """Backbone and new layers at their own rates; no weight decay on norms and biases."""
    groups: list[dict[str, object]] = []
    for pretrained in (True, False):
        for decays in (True, False):
            chosen = [
                p
                for n, p in model.named_parameters()
                if p.requires_grad and n.startswith("backbone.") == pretrained and (p.ndim > 1) == decays
            ]
            rate = config.lr if pretrained else config.head_lr
            groups.append({"params": chosen, "lr": rate, "weight_decay": config.weight_decay if decays else 0.0})
    return [g for g in groups if g["params"]]


def rate_factor(iteration: int, iterations: int) -> float:
    """Linear warm-up over the first 5 % of the iterations, then a cosine from 1 to 0."""
    warm = max(1, round(0.05 * iterations))
    if iteration < warm:
        return (iteration + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (iteration - warm) / max(1, iterations - warm)))


def batches(
    samples: Sequence[Sample], labels: NDArray[np.int8], attributes: Sequence[str], config: TrainConfig
) -> Iterator[Item]:
    """The run's batches, one after the other: the small views first, where there are any."""
    order = sample_order(samples, config.iterations * config.batch, config.weights, config.seed)
    switch = sum(config.size_at(i) == config.small_size for i in range(config.iterations))
    if config.small_size == config.size:
        switch = 0
    for start, end, size in ((0, switch, config.small_size), (switch, config.iterations, config.size)):
        if start == end:
            continue
        first, last = start * config.batch, end * config.batch
        views = Views(samples, labels, attributes, size, order[first:last], Augment(), config.seed, first)
        yield from DataLoader(views, config.batch, num_workers=1, prefetch_factor=4)


def train(
    model: DaHar,
    samples: Sequence[Sample],
    labels: NDArray[np.int8],
    attributes: Sequence[str],
    config: TrainConfig,
    out: Path,
    report: Report,
    about: dict[str, object],
    validation: Views | None = None,
    save_every: int = 100,
) -> None:
    """Train `model` in place; write `out/last.safetensors` every `save_every` iterations and `out/log.jsonl`.

    Args:
        samples, labels: the training part; labels `(N, A)` int8.
        validation: scored at every save, where given.
        report: is told each iteration's figures.

    Raises:
        HarcliError: the loss is no longer a number; the last checkpoint is as it was.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).to(memory_format=torch.channels_last).train()
    freeze(model, config.frozen_stages)
    optimiser = torch.optim.AdamW(parameter_groups(model, config))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda i: rate_factor(i, config.iterations))
    started = time.monotonic()
    with (out / "log.jsonl").open("w", encoding="utf-8") as log:
        for iteration, item in enumerate(batches(samples, labels, attributes, config)):
            images = item.image.to(device, memory_format=torch.channels_last)
            with torch.autocast(device.type, torch.bfloat16, enabled=config.bf16):
                output = model(images)
            loss = joint_loss(output, item.labels.to(device), item.mask.to(device), config.mask_weight)
            if not torch.isfinite(loss):
                raise HarcliError(
                    f"the loss became {loss.item()} at iteration {iteration}; {out} keeps the last checkpoint; "
                    "try a lower rate (--lr, --head-lr)"
                )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 5.0)
            optimiser.step()
            schedule.step()
            done = iteration + 1
            figures = {
                "iteration": done,
                "loss": round(loss.item(), 5),
                "seconds": round(time.monotonic() - started, 1),
            }
            if done % save_every == 0 or done == config.iterations:
                if validation is not None:
                    scores = evaluate(validation.labels, predict(model, validation), 0.5)
                    freeze(model, config.frozen_stages)
                    figures |= {f"val {k}": round(v, 4) for k, v in scores.means().items()}
                checkpoint.save(out / "last.safetensors", model, about | {"iteration": done})
            log.write(json.dumps(figures) + "\n")
            log.flush()
            report(figures)
