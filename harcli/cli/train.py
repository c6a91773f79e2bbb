"""`harcli train`: train Da-HAR, or a part of it, on one data set or several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from harcli.datasets import Sample


def train(
    dataset: Annotated[str, typer.Option(help="Data sets, joined by commas: peta, pa100k, ccp, clothing_attributes.")],
    root: Annotated[Path, typer.Option(envvar="HARCLI_DATA", help="Folder that holds a folder for each data set.")],
    out: Annotated[Path, typer.Option(help="Folder for the run: checkpoint, log, configuration.")],
    backbone_weights: Annotated[
        Path | None, typer.Option(help="ImageNet weights in torchvision's names (.safetensors).")
    ] = None,
    depth: Annotated[int, typer.Option(help="Depth of the ResNet: 18, 34, 50, 101, 152.")] = 50,
    attention: Annotated[bool, typer.Option(help="Side branch with attention; without: a plain ResNet.")] = True,
    self_mask: Annotated[bool, typer.Option(help="Self-mask blocks.")] = True,
    fusion: Annotated[bool, typer.Option(help="Multi-level feature fusion.")] = True,
    masked_attention: Annotated[bool, typer.Option(help="Mask branch before the attention.")] = True,
    mask_weight: Annotated[float, typer.Option(help="Weight of the mask loss; 0: no mask supervision.")] = 1.0,
    boxes: Annotated[Path | None, typer.Option(help="CSV of `harcli tag` with person boxes for whole photos.")] = None,
    weights: Annotated[str, typer.Option(help="Sampling weights, for example peta=3,ccp=2.")] = "",
    iterations: Annotated[int, typer.Option(help="Optimiser steps.")] = 1000,
    batch: Annotated[int, typer.Option(help="Images a step.")] = 32,
    size: Annotated[str, typer.Option(help="Input size, height x width.")] = "192x96",
    small_size: Annotated[str, typer.Option(help="Input size of the first iterations.")] = "128x64",
    small_share: Annotated[float, typer.Option(help="Share of the iterations at --small-size.")] = 0.0,
    lr: Annotated[float, typer.Option(help="Highest rate of the pretrained layers.")] = 2e-4,
    head_lr: Annotated[float, typer.Option(help="Highest rate of the new layers.")] = 1e-3,
    frozen_stages: Annotated[int, typer.Option(help="Stages of the backbone that are not trained, with the stem.")] = 1,
    min_positives: Annotated[int, typer.Option(help="Leave out attributes with fewer positive labels.")] = 40,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 0,
    bf16: Annotated[bool, typer.Option(help="Compute in bfloat16.")] = False,
    save_every: Annotated[int, typer.Option(help="Iterations between checkpoints.")] = 100,
) -> None:
    """Train Da-HAR on data sets in their published layouts.

    Example: harcli train --dataset ccp,clothing_attributes --root data --out runs/first
    """
    import dataclasses
    import logging

    from harcli.attributes import ATTRIBUTES
    from harcli.cli.options import parse_size, parse_weights
    from harcli.datasets import labels_of, load, read_boxes, with_boxes
    from harcli.errors import HarcliError
    from harcli.training.config import TrainConfig

    logging.basicConfig(format="%(message)s")
    config = TrainConfig(
        iterations=iterations,
        batch=batch,
        size=parse_size(size),
        small_size=parse_size(small_size),
        small_share=small_share,
        lr=lr,
        head_lr=head_lr,
        mask_weight=mask_weight,
        frozen_stages=frozen_stages,
        weights=parse_weights(weights),
        seed=seed,
        bf16=bf16,
    )
    names = dataset.split(",")
    samples = load(names, root)
    if boxes is not None:
        samples = with_boxes(samples, read_boxes(boxes))
    labels = labels_of(samples, list(ATTRIBUTES))
    # An attribute needs examples to learn from; the others are left out of the model.
    positives, negatives = (labels == 1).sum(0), (labels == 0).sum(0)
    attributes = [n for i, n in enumerate(ATTRIBUTES) if positives[i] >= min_positives and negatives[i]]
    samples_of = {part: [s for s in samples if s.part == part] for part in ("train", "val")}
    if not samples_of["train"] or not attributes:
        raise HarcliError(f"{root}: no training images with enough labels in {dataset}")
    # Mistakes in the options and the data have shown by now; torch takes seconds to import.
    import torch

    from harcli.datasets.views import Views
    from harcli.network import DaHar, DaHarConfig
    from harcli.network.backbone import is_original_layout, load_pretrained
    from harcli.training.loop import train as run

    torch.manual_seed(seed)
    original = backbone_weights is not None and is_original_layout(backbone_weights)
    model = DaHar(DaHarConfig(len(attributes), depth, attention, self_mask, fusion, masked_attention, original))
    if backbone_weights is not None:
        load_pretrained(model.backbone, backbone_weights)
    out.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {"attributes": attributes, "datasets": names, "train": dataclasses.asdict(config)}
    about |= {"images": len(samples_of["train"])}
    (out / "config.json").write_text(_json(about | {"network": dataclasses.asdict(model.config)}), encoding="utf-8")
    # A quick look while training, at most 200 images of each data set; `harcli evaluate` scores them all.
    val = [s for name in names for s in spaced([s for s in samples_of["val"] if s.dataset == name], 200)]
    run(
        model,
        samples_of["train"],
        labels_of(samples_of["train"], attributes),
        attributes,
        config,
        out,
        _Progress(iterations),
        about,
        validation=Views(val, labels_of(val, attributes), attributes, config.size) if val else None,
        save_every=save_every,
    )
    typer.echo(f"{out / 'last.safetensors'}: trained on {len(samples_of['train'])} images", err=True)


def spaced(samples: list[Sample], count: int) -> list[Sample]:
    """At most about `count` of the samples, evenly spaced."""
    return samples[:: max(1, len(samples) // count)]


def _json(value: object) -> str:
    import json

    return json.dumps(value, indent=1) + "\n"


class _Progress:
    """One line an iteration on a terminal, one in fifty elsewhere, on standard error."""

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations

    def __call__(self, figures: dict[str, float]) -> None:
        import sys

        done = int(figures["iteration"])
        left = figures["seconds"] / done * (self.iterations - done) / 60
        scores = "".join(f"  {k} {v}" for k, v in figures.items() if k.startswith("val"))
        line = f"{done}/{self.iterations}  loss {figures['loss']:.4f}  {left:.0f} min left{scores}"
        if sys.stderr.isatty() and not scores:
            typer.echo(f"\r{line}  ", err=True, nl=False)
        elif scores or done % 50 == 0:
            typer.echo(line, err=True)
