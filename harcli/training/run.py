"""From a `RunSpec` to a trained network: data, network, folder, loop."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from harcli.attributes import ATTRIBUTES
from harcli.datasets import labels_of, load, read_boxes, with_boxes
from harcli.datasets.sample import SHARED_SPLIT, Sample
from harcli.datasets.views import Views
from harcli.errors import HarcliError
from harcli.network import DaHar, DaHarConfig
from harcli.network.backbone import is_original_layout, load_pretrained
from harcli.training import checkpoint, state
from harcli.training.curves import draw_curves
from harcli.training.distributed import World, world
from harcli.training.loop import BEST, LAST, LOG, Figures, Run, train
from harcli.training.losses import positive_ratios
from harcli.training.spec import CONFIG, TRAIN_PARTS, RunSpec, code_version
from harcli.training.validation import Scorer, scorer

Report = Callable[[Figures, int], None]


def start(spec: RunSpec, out: Path, report: Report) -> int:
    """Begin a run in the folder `out`; gives the number of images trained on.

    Raises:
        HarcliError: a mistake in the data or the options; the folder holds a run; see also `loop.train`.
    """
    if (out / CONFIG).exists() or (out / LAST).exists():
        raise HarcliError(f"{out}: holds a run already; go on with --resume {out}, or choose another --out")
    return _run(spec, out, report)


def resume(out: Path, report: Report) -> int:
    """Go on with the run in the folder `out` from its last checkpoint, to the same result as if never stopped."""
    spec = RunSpec.read(out)
    if (out / LAST).exists() and not (out / state.STATE).exists():
        done = checkpoint.load(out / LAST)[1].get("iteration")
        if done == spec.train.iterations:  # else it was killed between its first checkpoint and its first state
            raise HarcliError(f"{out}: this run is finished ({done} iterations)")
    return _run(spec, out, report)


def _run(spec: RunSpec, out: Path, report: Report) -> int:
    samples = read_samples(spec)
    training = [s for s in samples if s.part in TRAIN_PARTS[spec.train_part]]
    attributes = attributes_to_learn(spec, training)
    if spec.epochs:
        iterations = max(1, round(spec.epochs * len(training) / spec.train.batch))
        spec = replace(spec, epochs=0.0, train=replace(spec.train, iterations=iterations))
    labels = labels_of(training, attributes, spec.own_labels)
    with world() as ours:
        if spec.train.batch % ours.size:
            raise HarcliError(f"a batch of {spec.train.batch} cannot be shared by {ours.size} processes evenly")
        model = build(spec, attributes)
        if ours.first:
            out.mkdir(parents=True, exist_ok=True)
            spec.write(out, attributes, _circumstances(ours, len(training)))
        about = {
            "attributes": attributes,
            "labels": "own" if spec.own_labels else "shared",
            "split": split_of(spec),
            "datasets": list(spec.datasets),
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
        )
        data = (training, labels, attributes)

        def tell(figures: Figures) -> None:
            if not ours.first:
                return
            report(figures, spec.train.iterations)
            if figures["iteration"] % spec.save_every == 0 or figures["iteration"] == spec.train.iterations:
                draw_curves(out / LOG, out / "curves.png")

        try:
            train(run, data, positive_ratios(labels), ours, _workers(spec, ours), tell)
        except torch.OutOfMemoryError as error:
            raise _out_of_memory(spec, out) from error
        except RuntimeError as error:
            if "allocate memory" not in str(error):
                raise
            raise _out_of_memory(spec, out) from error
        except OSError as error:
            raise HarcliError(
                f"{error.filename or out}: {error.strerror or error}; checkpoints are as they were"
            ) from error
        if ours.first:
            _finish(out)
    return len(training)


def split_of(spec: RunSpec) -> str:
    """The split that was asked for, or the usual one: published for own labels, ours for shared ones."""
    return spec.split or ("" if spec.own_labels else SHARED_SPLIT)


def read_samples(spec: RunSpec) -> list[Sample]:
    """The samples of a run's data sets, with boxes and masks where they were given."""
    if spec.own_labels and len(spec.datasets) > 1:
        raise HarcliError("own labels are those of one data set; several train together under --labels shared")
    samples = load(spec.datasets, Path(spec.root), split_of(spec))
    if spec.boxes:
        samples = with_boxes(samples, read_boxes(Path(spec.boxes)))
    if spec.masks:
        from harcli.datasets.masks import with_masks

        samples = with_masks(samples, Path(spec.masks))
    return samples


def attributes_to_learn(spec: RunSpec, training: Sequence[Sample]) -> list[str]:
    """The published labels of the data set; or the canonical attributes that have enough labels.

    Raises:
        HarcliError: there is nothing to train on.
    """
    where = f"{spec.root}: no training images in {', '.join(spec.datasets)} (split {split_of(spec) or 'published'})"
    if not training:
        raise HarcliError(where)
    if spec.own_labels:
        from harcli.datasets import own_attributes

        return own_attributes(spec.datasets, Path(spec.root))
    labels = labels_of(training, list(ATTRIBUTES))
    attributes = learnable(labels, spec.min_positives)
    if not attributes:
        raise HarcliError(f"{where} with enough labels; see --min-positives")
    return attributes


def learnable(labels: NDArray[np.int8], min_positives: int) -> list[str]:
    """The attributes with at least `min_positives` positive labels and any negative one.

    Args:
        labels: `(N, A)` of the training part: 1, 0, -1; columns in the order of `ATTRIBUTES`.
    """
    positives, negatives = (labels == 1).sum(axis=0), (labels == 0).sum(axis=0)
    return [name for i, name in enumerate(ATTRIBUTES) if positives[i] >= max(1, min_positives) and negatives[i]]


def build(spec: RunSpec, attributes: Sequence[str]) -> DaHar:
    """The network: from a checkpoint, or new layers drawn with the seed and a backbone from a `.safetensors` file.

    Raises:
        HarcliError: a file is missing, of another depth, or was trained for other attributes.
    """
    if spec.start:
        model, about = checkpoint.load(Path(spec.start))
        if about["attributes"] != list(attributes):
            raise HarcliError(f"{spec.start}: was trained for other attributes than this run's {len(attributes)}")
        return model
    weights = Path(spec.backbone_weights) if spec.backbone_weights else None
    original = weights is not None and is_original_layout(weights)
    switches = (spec.attention, spec.self_mask, spec.fusion, spec.masked_attention)
    torch.manual_seed(spec.train.seed)
    model = DaHar(DaHarConfig(len(attributes), spec.depth, *switches, original))
    if weights is not None:
        load_pretrained(model.backbone, weights)
    return model


def spaced(samples: Sequence[Sample], count: int) -> list[Sample]:
    """At most about `count` samples of each data set, evenly spaced: for a quick look while training."""
    chosen: list[Sample] = []
    for name in dict.fromkeys(s.dataset for s in samples):
        of_set = [s for s in samples if s.dataset == name]
        chosen += of_set[:: max(1, len(of_set) // count)]
    return chosen


def _scorer(spec: RunSpec, samples: Sequence[Sample], attributes: Sequence[str]) -> Scorer | None:
    val = [s for s in samples if s.part == "val"]
    if not val or "val" in TRAIN_PARTS[spec.train_part] or not spec.val_images:
        return None
    val = spaced(val, spec.val_images)
    labels = labels_of(val, attributes, spec.own_labels)
    return scorer(Views(val, labels, attributes, spec.train.full, margin=spec.train.margin), spec.own_labels)


def _copy(model: DaHar) -> DaHar:
    """The moving average starts at the network's own weights."""
    average = DaHar(model.config)
    average.load_state_dict(model.state_dict())
    return average.requires_grad_(False).eval()


def _circumstances(ours: World, images: int) -> dict[str, Any]:
    device = torch.cuda.get_device_name() if ours.device.type == "cuda" else platform.processor() or platform.machine()
    versions = {"harcli": code_version(), "torch": torch.__version__, "python": platform.python_version()}
    return {
        "images": images,
        "code": versions,
        "device": device,
        "processes": ours.size,
        "command": " ".join(["harcli", *sys.argv[1:]]),
    }


def _finish(out: Path) -> None:
    """A finished run needs no resuming; without validation the last checkpoint is the best known."""
    if not (out / BEST).exists():
        (out / BEST).write_bytes((out / LAST).read_bytes())
    (out / state.STATE).unlink(missing_ok=True)


def _workers(spec: RunSpec, ours: World) -> int:
    """A GPU waits for images; a CPU that trains has no core to spare."""
    if spec.workers >= 0:
        return spec.workers
    return max(1, min(8, (os.cpu_count() or 1) - 1)) if ours.device.type == "cuda" else 1


def _out_of_memory(spec: RunSpec, out: Path) -> HarcliError:
    height, width = spec.train.size
    return HarcliError(
        f"out of memory with {spec.train.batch} images of {height}x{width} a batch; use a smaller --batch or --size; "
        f"{out} keeps the last checkpoint"
    )
