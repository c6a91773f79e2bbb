"""`harcli train`: train Da-HAR, or a part of it, on one data set or several."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


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
    from harcli.attributes import ATTRIBUTES
    from harcli.cli.options import parse_size, parse_weights
    from harcli.datasets import labels_of, load, read_boxes, with_boxes
    from harcli.errors import HarcliError
    from harcli.training.config import TrainConfig

    logging.basicConfig(format="%(message)s")
    if (out / "last.safetensors").exists():
        raise HarcliError(f"{out}: holds a run already; choose another --out, or move that one away")
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
    training = [s for s in samples if s.part == "train"]
    # Mistakes in the options and the data have shown by now; torch takes seconds to import.
    from harcli.datasets.views import Views
    from harcli.network import DaHarConfig
    from harcli.network.backbone import is_original_layout
    from harcli.training.loop import train as run
    from harcli.training.setup import build, learnable, spaced

    attributes = learnable(labels_of(training, list(ATTRIBUTES)), min_positives)
    if not attributes:
        raise HarcliError(f"{root}: no training images with enough labels in {dataset}; see --min-positives")
    original = backbone_weights is not None and is_original_layout(backbone_weights)
    network = DaHarConfig(len(attributes), depth, attention, self_mask, fusion, masked_attention, original)
    model = build(network, backbone_weights, seed)
    about = {"attributes": attributes, "datasets": names, "train": asdict(config), "images": len(training)}
    out.mkdir(parents=True, exist_ok=True)
    description = json.dumps(about | {"network": asdict(network)}, indent=1)
    (out / "config.json").write_text(description + "\n", encoding="utf-8")
    val = spaced([s for s in samples if s.part == "val"], names, 200)
    run(
        model,
        training,
        labels_of(training, attributes),
        attributes,
        config,
        out,
        _Progress(iterations),
        about,
        validation=Views(val, labels_of(val, attributes), attributes, config.size) if val else None,
        save_every=save_every,
    )
    typer.echo(f"{out / 'last.safetensors'}: trained on {len(training)} images", err=True)


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
