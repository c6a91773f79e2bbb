"""From a `RunSpec` to a trained network: data, network, folder, loop."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from harcli.attributes import ATTRIBUTES
from harcli.datasets import labels_of
from harcli.datasets.sample import Sample
from harcli.datasets.views import Views
from harcli.errors import HarcliError
from harcli.evaluation.report import FEW, few
from harcli.folders import make_folder
from harcli.network import DaHar, DaHarConfig, checkpoint
from harcli.network.backbone import is_original_layout, load_pretrained
from harcli.outputs.whole_file import whole_binary
from harcli.runtime import limit_torch, processor_count
from harcli.training import state
from harcli.training.curves import draw_curves
from harcli.training.distributed import World, world
from harcli.training.loop import BEST, LAST, LOG, Figures, Run, train
from harcli.training.losses import positive_ratios
from harcli.training.obstacles import obstacle
from harcli.training.prepare import attributes_to_learn, read_samples, spaced, split_of
from harcli.training.spec import CONFIG, TRAIN_PARTS, RunSpec, code_version
from harcli.training.start import Start, open_start
from harcli.training.teacher import Teacher
from harcli.training.validation import Scorer, scorer

log = logging.getLogger(__name__)

NETWORK = ("backbone", "depth", "width", "dropout", "attention", "self_mask", "fusion", "masked_attention")
"""What a `RunSpec` and a `DaHarConfig` both have."""

Report = Callable[[Figures, int], None]


def start(spec: RunSpec, out: Path, report: Report) -> str:
    """Begin a run in the folder `out`; says how much was trained.

    Raises:
        HarcliError: a mistake in the data or the options; the folder holds a run; see also `loop.train`.
    """
    if (out / CONFIG).exists() or (out / LAST).exists():
        raise HarcliError(f"{out}: holds a run already; go on with --resume {out}, or choose another --out")
    return _run(spec, out, report)


def resume(out: Path, report: Report) -> str:
    """Go on with the run in the folder `out` from its last checkpoint, to the same result as if never stopped.

    Returns:
        How much was trained, or that the run is finished.
    """
    spec = RunSpec.read(out)
    if (out / LAST).exists() and not (out / state.STATE).exists():
        done = checkpoint.load(out / LAST)[1].get("iteration")
        if done == spec.train.iterations:  # else it was killed between its first checkpoint and its first state
            return f"finished already ({done} iterations); there is nothing left to do"
    return _run(spec, out, report, resumed=True)


def _run(spec: RunSpec, out: Path, report: Report, resumed: bool = False) -> str:
    limit_torch()
    begun = open_start(spec.start) if spec.start else None
    if not (resumed or begun or spec.backbone_weights):
        log.warning("no --backbone-weights: training from random weights, which needs far more images and time")
    spec = _from_start(spec, begun)
    samples = read_samples(spec)
    training = [s for s in samples if s.part in TRAIN_PARTS[spec.train_part]]
    attributes = attributes_to_learn(spec, training, begun.attributes if begun else ())
    if spec.epochs:
        iterations = max(1, round(spec.epochs * len(training) / spec.train.batch))
        spec = replace(spec, epochs=0.0, train=replace(spec.train, iterations=iterations))
    labels = labels_of(training, attributes, spec.own_labels)
    if spec.unknown_negative:
        labels = np.maximum(labels, 0)
    with world() as ours:
        if spec.train.batch % ours.size:
            raise HarcliError(f"a batch of {spec.train.batch} cannot be shared by {ours.size} processes evenly")
        model, teacher = build(spec, attributes, begun), _teacher(spec, attributes, ours)
        if ours.first:
            make_folder(out)
            spec.write(out, attributes, len(training), _circumstances(ours))
        about = {
            "attributes": attributes,
            "labels": "own" if spec.own_labels else "shared",
            "split": split_of(spec),
            "datasets": list(dict.fromkeys([*_learnt_from(begun), *_learnt_from(teacher), *spec.datasets])),
            "train": asdict(spec.train),
            "images": len(training),
            "code": code_version(),
        }
        run = Run(
            model=model,
            average=_copy(model) if spec.train.ema else model,
            config=spec.train,
            out=out,
            about=about,
            score=_scorer(spec, samples, attributes),
            save_every=spec.save_every,
            teacher=teacher,
        )
        data = (training, labels, attributes)

        def tell(figures: Figures) -> None:
            if not ours.first:
                return
            report(figures, spec.train.iterations)
            if figures["iteration"] % spec.save_every == 0 or figures["iteration"] == spec.train.iterations:
                draw_curves(out / LOG, out / "curves.png")

        try:
            with _told_by_torch():
                train(run, data, positive_ratios(labels), ours, _workers(spec, ours), tell)
            if ours.first:
                _finish(out)
        except (RuntimeError, MemoryError, EOFError, ConnectionError) as error:
            if (told := obstacle(error, spec, out)) is None:
                raise
            raise told from error
        except OSError as error:
            raise HarcliError(
                f"{error.filename or out}: {error.strerror or error}; checkpoints are as they were"
            ) from error
    steps, batch = spec.train.iterations, spec.train.batch
    done = f"trained for {steps} iteration{'s' * (steps != 1)} of {batch} images"
    return f"{done}, {steps * batch:,} in all, drawn from {len(training):,}"


@contextlib.contextmanager
def _told_by_torch() -> Iterator[None]:
    """A process that is ended while it hands over an image is known by the end of what it sent, or by a connection
    that breaks; who ended it, torch tells by an error of its own when the system's signal comes, which may be later."""
    try:
        yield
    except (EOFError, ConnectionError):
        time.sleep(1)
        raise


def build(spec: RunSpec, attributes: Sequence[str], begun: Start | None = None) -> DaHar:
    """The network: the one that the run goes on from; or new layers, drawn with the seed, and a backbone from a
    `.safetensors` file.

    Raises:
        HarcliError: a file is missing, of another depth, or was trained for other attributes.
    """
    if begun:
        if begun.attributes != list(attributes):
            shared = spec.own_labels and set(begun.attributes) <= set(ATTRIBUTES)
            hint = "; --labels shared takes its own" if shared else ""
            raise HarcliError(f"{spec.start}: was trained for other attributes than this run's {len(attributes)}{hint}")
        return begun.model
    weights = Path(spec.backbone_weights) if spec.backbone_weights else None
    original = weights is not None and is_original_layout(weights)
    config = DaHarConfig(len(attributes), stride_on_conv1=original, **{name: getattr(spec, name) for name in NETWORK})
    torch.manual_seed(spec.train.seed)
    model = DaHar(config)
    if weights is not None:
        load_pretrained(model.backbone, weights)
    return model


def _teacher(spec: RunSpec, attributes: Sequence[str], ours: World) -> Teacher | None:
    return Teacher(spec.teacher, attributes, ours.device, spec.train.precision) if spec.teacher else None


def _learnt_from(source: Start | Teacher | None) -> list[str]:
    return source.datasets if source else []


def _scorer(spec: RunSpec, samples: Sequence[Sample], attributes: Sequence[str]) -> Scorer | None:
    val = [s for s in samples if s.part == "val"]
    if not val or "val" in TRAIN_PARTS[spec.train_part] or not spec.val_images:
        return None
    val = [replace(s, mask=None) for s in spaced(val, spec.val_images)]  # masks are not scored, and slow to read
    if len(val) < FEW:
        log.warning("validation: %s; they choose the best checkpoint", few(len(val)))
    labels = labels_of(val, attributes, spec.own_labels)
    return scorer(Views(val, labels, attributes, spec.train.full, margin=spec.train.margin), spec.own_labels)


def _copy(model: DaHar) -> DaHar:
    """The moving average starts at the network's own weights."""
    average = DaHar(model.config)
    average.load_state_dict(model.state_dict())
    return average.requires_grad_(False).eval()


def _from_start(spec: RunSpec, begun: Start | None) -> RunSpec:
    """What follows from where the weights come from: a trained network is what it is; random ones are not frozen."""
    if begun:
        train = replace(spec.train, fixed_norms=spec.train.fixed_norms or begun.fixed_norms)
        return replace(spec, train=train, **{name: getattr(begun.model.config, name) for name in NETWORK})
    if spec.backbone_weights:
        return spec
    return replace(spec, train=replace(spec.train, frozen_stages=-1))


def _circumstances(ours: World) -> dict[str, Any]:
    device = torch.cuda.get_device_name() if ours.device.type == "cuda" else platform.processor() or platform.machine()
    versions = {"harcli": code_version(), "torch": torch.__version__, "python": platform.python_version()}
    return {
        **versions,
        "device": device,
        "processes": ours.size,
        "command": " ".join(["harcli", *sys.argv[1:]]),
    }


def _finish(out: Path) -> None:
    """A finished run needs no resuming; without validation the last checkpoint is the best known."""
    if not (out / BEST).exists():
        with whole_binary(out / BEST) as temporary:
            shutil.copyfile(out / LAST, temporary)
    (out / state.STATE).unlink(missing_ok=True)


def _workers(spec: RunSpec, ours: World) -> int:
    """A GPU waits for images; a CPU that trains has no core to spare."""
    if spec.workers >= 0:
        return spec.workers
    if ours.device.type != "cuda":
        return 1
    cores = processor_count() // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return max(1, min(8, cores - 1))
