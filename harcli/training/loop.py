"""The training loop."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from harcli.datasets.sample import Sample
from harcli.datasets.transforms import Augment
from harcli.datasets.views import Item, Views
from harcli.errors import HarcliError
from harcli.network import DaHar, checkpoint
from harcli.network.precision import autocast, precision
from harcli.training import state
from harcli.training.config import TrainConfig
from harcli.training.distributed import World, share_batch_norms
from harcli.training.losses import Criterion, joint_loss
from harcli.training.optim import freeze, make_optimiser, move_average, set_rate
from harcli.training.order import repeats, sample_order
from harcli.training.teacher import Teacher, shrink
from harcli.training.validation import Scorer

log = logging.getLogger(__name__)

LOG = "log.jsonl"
LAST, BEST = "last.safetensors", "best.safetensors"
BEST_BY = "val mAP"

Figures = dict[str, float]


@dataclass(slots=True)
class Run:
    """What is being trained, and how far it has come.

    Attributes:
        model, average: the weights that are trained, and their moving average (`model` itself without one).
        about: what checkpoints say of themselves.
        score: gives the figures of a network on validation data; None: there is none.
        teacher: a trained network that this one learns from too.
        progress: iterations done, seconds taken, best score so far.
    """

    model: DaHar
    average: DaHar
    config: TrainConfig
    out: Path
    about: dict[str, Any]
    score: Scorer | None
    save_every: int
    teacher: Teacher | None = None
    progress: dict[str, Any] = field(default_factory=lambda: {"iteration": 0, "seconds": 0.0, "best": None})


def batches(
    samples: Sequence[Sample],
    labels: NDArray[np.int8],
    attributes: Sequence[str],
    config: TrainConfig,
    start: int,
    world: World,
    workers: int,
    view_size: tuple[int, int] | None = None,
) -> Iterator[Item]:
    """This process's share of each batch from iteration `start` on: the small views first, where there are any.

    Args:
        view_size: size of all views, which a teacher sees; None: that of the iteration.
    """
    often = repeats(labels, config.rare)
    order = sample_order(samples, config.iterations * config.batch, config.weights, config.seed, often)
    augment = Augment(config.views == "crops", config.shift, config.upper, config.parts, config.colour, config.worse)
    switch = config.small_iterations
    for begin, end, size in ((0, switch, config.small_size), (switch, config.iterations, config.size)):
        first, last = max(begin, start) * config.batch, end * config.batch
        if first >= last:
            continue
        views = Views(
            samples,
            labels,
            attributes,
            view_size or size,
            order[first:last],
            augment,
            config.seed,
            first,
            config.margin,
        )
        mine = [i for i in range(last - first) if i % config.batch % world.size == world.rank]
        more: dict[str, Any] = {"num_workers": workers, "prefetch_factor": 4} if workers else {}
        yield from DataLoader(views, config.batch // world.size, sampler=mine, **more)


class Stepper:
    """One optimiser step after another on this process's share of each batch."""

    def __init__(self, run: Run, ratios: NDArray[np.float32], world: World) -> None:
        self.run, self.world, self.config = run, world, run.config
        for module in (run.model, run.average):
            module.to(world.device).to(memory_format=torch.channels_last)
        run.model.train()
        freeze(run.model, self.config)
        self.optimiser = make_optimiser(run.model, self.config)
        self.parameters = [p for p in run.model.parameters() if p.requires_grad]
        self.criterion = Criterion(self.config, torch.from_numpy(ratios).to(world.device))
        self.precision = precision(self.config.precision, world.device, self.config.narrowest)
        self.scaler = torch.amp.GradScaler(world.device.type, enabled=self.precision is torch.float16)
        if (run.out / state.STATE).exists():
            run.progress = state.load(run.out, run.model, run.average, self.optimiser)
            self.scaler.load_state_dict(run.progress["scaler"])
            if world.first:
                done = run.progress["iteration"]
                log.warning("%s: goes on after iteration %d of %d", run.out, done, self.config.iterations)
        self.network = _shared(run.model, world)

    def step(self, item: Item, iteration: int) -> Figures:
        """Forward, backward, update; gives loss and rate factor.

        Raises:
            HarcliError: the loss or its gradient is not a number; the weights are as they were.
        """
        device = self.world.device
        factor = set_rate(self.optimiser, iteration, self.config)
        images, mask = item.image.to(device, memory_format=torch.channels_last), item.mask.to(device)
        taught = None
        if self.run.teacher is not None:
            taught = self.run.teacher(images)
            images, mask = shrink(images, mask, self.config.size_at(iteration))
        with autocast(device, self.precision):
            output = self.network(images)
        loss = joint_loss(output, item.labels.to(device), mask, self.criterion, self.world.total, taught)
        self.optimiser.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self.scaler.unscale_(self.optimiser)
        norm = nn.utils.clip_grad_norm_(self.parameters, self.config.clip or float("inf"))
        # Under float16 the scaler skips steps whose gradient is too large, and lowers its scale.
        if not (torch.isfinite(loss) and (torch.isfinite(norm) or self.scaler.is_enabled())):
            raise HarcliError(
                f"the loss became {loss.item():g} (norm of the gradient {norm.item():g}) at iteration {iteration + 1}; "
                f"{self.run.out} keeps the last good checkpoint; try a lower rate (--lr, --head-lr)"
            )
        self.scaler.step(self.optimiser)
        self.scaler.update()
        if self.run.average is not self.run.model:
            move_average(self.run.average, self.run.model, self.config.ema, iteration)
        return {"loss": round(self.world.mean(loss), 5), "rate": round(factor, 5)}


def train(
    run: Run,
    data: tuple[Sequence[Sample], NDArray[np.int8], Sequence[str]],
    ratios: NDArray[np.float32],
    world: World,
    workers: int,
    report: Callable[[Figures], None],
) -> None:
    """Train `run.model` in place; write checkpoints, `log.jsonl` and what a later `--resume` needs.

    Args:
        data: samples of the training part, their labels `(N, A)` int8, the attributes' names.
        ratios: `(A,)` positive ratios, see `Criterion`.
        report: is told each iteration's figures.

    Raises:
        HarcliError: the loss is no longer a number, a checkpoint cannot be written, an image cannot be read; the last
            checkpoint is as it was.
    """
    stepper = Stepper(run, ratios, world)
    first = run.progress["iteration"]
    started = time.monotonic() - run.progress["seconds"]
    with _log(run.out, first) if world.first else nullcontext() as log:
        seen = run.teacher.size if run.teacher is not None else None
        items = _readable(batches(*data, run.config, first, world, workers, seen))
        for iteration, item in enumerate(items, first):
            figures = {"iteration": iteration + 1} | stepper.step(item, iteration)
            figures["seconds"] = round(time.monotonic() - started, 1)
            saving = (iteration + 1) % run.save_every == 0 or iteration + 1 == run.config.iterations
            if saving and run.score is not None:
                figures |= run.score(run.average, world)
                freeze(run.model, run.config)
            if log is not None:
                log.write(json.dumps(figures) + "\n")
                log.flush()
                if saving:  # after its line: a run that is killed in between writes the line again
                    _save(run, stepper, figures)
            report(figures)


def _save(run: Run, stepper: Stepper, figures: Figures) -> None:
    """Write the checkpoints, and last of all the state from which a killed run goes on."""
    run.progress |= {"iteration": figures["iteration"], "seconds": figures["seconds"]}
    run.progress["scaler"] = stepper.scaler.state_dict()
    scores = {name: value for name, value in figures.items() if name.startswith("val")}
    about = run.about | {"iteration": figures["iteration"]} | scores
    checkpoint.save(run.out / LAST, run.average, about)
    best = run.progress["best"]
    if BEST_BY in scores and (best is None or scores[BEST_BY] > best):
        run.progress["best"] = scores[BEST_BY]
        checkpoint.save(run.out / BEST, run.average, about)
    state.save(run.out, run.model, run.average, stepper.optimiser, run.progress)


def _shared(model: DaHar, world: World) -> nn.Module:
    """The network as one of several processes runs it."""
    if world.size == 1:
        return model
    share_batch_norms(model, world.device)
    devices = [world.device] if world.device.type == "cuda" else None
    return DistributedDataParallel(model, device_ids=devices, broadcast_buffers=False)


def _log(out: Path, iteration: int) -> Any:
    """`log.jsonl`, open to go on after `iteration`: lines of later iterations, which will come again, are dropped."""
    path = out / LOG
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    kept = [line for line in lines[:iteration] if line.endswith("\n")]
    path.write_text("".join(kept), encoding="utf-8")
    return path.open("a", encoding="utf-8")


def _readable(items: Iterator[Item]) -> Iterator[Item]:
    """The batches; a worker's error about an image, which comes with its traceback, becomes one line."""
    try:
        yield from items
    except HarcliError as error:
        line = str(error).strip().splitlines()[-1].removeprefix("harcli.errors.HarcliError: ")
        raise HarcliError(f"{line}: training stopped, the last checkpoint is kept") from error
