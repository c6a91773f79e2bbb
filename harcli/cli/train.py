"""`harcli train`: train Da-HAR, or a part of it, on one data set or several."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from harcli.cli.options import BoxesOption, choice, data_root, parse_shares, parse_weights, words
from harcli.cli.train_options import alone, own_labels, view
from harcli.cli.train_progress import Progress, carry_out
from harcli.near import one_of


def train(
    context: typer.Context,
    dataset: Annotated[str, typer.Option(help="Data sets, separated by commas (see `harcli datasets list`).")] = "",
    root: Annotated[
        Path | None, typer.Option(envvar="HARCLI_DATA", help="Folder with one folder per data set.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the run: checkpoints, log, curves.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Continue the run in this folder as it was begun; give no other option.")
    ] = None,
    recipe: Annotated[str, choice("modern", "paper", help="Sets the defaults of the options below.")] = "modern",
    labels: Annotated[
        str,
        choice(
            *("own", "shared"),
            help="own: as published; shared: canonical attributes. Default: own for one data set, shared for several.",
        ),
    ] = "",
    split: Annotated[
        str, typer.Option(help="Split of the data set. Default: the published one; harcli's for shared labels.")
    ] = "",
    unknown: Annotated[
        str, choice("ignore", "negative", help="How to train on unknown labels; the paper's Table 3: negative.")
    ] = "ignore",
    train_part: Annotated[str, choice("train", "trainval", help="Part of the split to train on.")] = "train",
    weights: Annotated[str, typer.Option(help="Sampling weights, for example peta=3,ccp=2.")] = "",
    boxes: BoxesOption = None,
    masks: Annotated[
        Path | None, typer.Option(help="Folder made by `harcli masks`; a data set's own masks take precedence.")
    ] = None,
    min_positives: Annotated[
        int, typer.Option(help="With shared labels: leave out attributes with fewer positive labels.")
    ] = 40,
    backbone_weights: Annotated[
        Path | None, typer.Option(help="ImageNet weights with torchvision's names (.safetensors).")
    ] = None,
    start: Annotated[
        str,
        typer.Option(
            help="Start from this network, with its sizes: a checkpoint, a model file, or an installed model's name."
        ),
    ] = "",
    teacher: Annotated[
        str, typer.Option(help="Network whose probabilities are learnt beside the labels; named as for --start.")
    ] = "",
    teacher_weight: Annotated[float, typer.Option(help="The teacher's share of the loss, 0 to 1.")] = 0.5,
    backbone: Annotated[str, choice("resnet", "efficientnet-lite2", help="The network's trunk.")] = "resnet",
    depth: Annotated[int, typer.Option(help="Depth of the ResNet: 18, 34, 50, 101 (the paper's), 152.")] = 50,
    width: Annotated[int, typer.Option(help="Channels that the fusion gives each stage.")] = 256,
    dropout: Annotated[float, typer.Option(help="Share of the main network's features dropped in training.")] = 0.0,
    attention: Annotated[bool, typer.Option(help="Side branch with attention; without it, a plain ResNet.")] = True,
    self_mask: Annotated[bool, typer.Option(help="Self-mask blocks.")] = True,
    fusion: Annotated[bool, typer.Option(help="Multi-level feature fusion.")] = True,
    masked_attention: Annotated[bool, typer.Option(help="Mask branch before the attention.")] = True,
    iterations: Annotated[int | None, typer.Option(help="Optimiser steps; overrides --epochs.")] = None,
    epochs: Annotated[float, typer.Option(help="Passes over as many images as the training part has.")] = 20.0,
    batch: Annotated[int, typer.Option(help="Images per step, over all processes.")] = 32,
    size: Annotated[
        str,
        typer.Option(
            help="Input size, height x width. Default: 192x96; paper: 224x224 crops of 256x256; RAP 224x112 of 256x128."
        ),
    ] = "",
    full: Annotated[
        str, typer.Option(help="Size of a whole person when scoring. Default: --size; paper: 8/7 of it.")
    ] = "",
    small_size: Annotated[str, typer.Option(help="Input size of the first iterations.")] = "",
    small_share: Annotated[float, typer.Option(help="Share of the iterations at --small-size.")] = 0.0,
    views: Annotated[
        str | None, choice("rectangles", "crops", help="See docs/training.md. Default: rectangles; paper: crops.")
    ] = None,
    margin: Annotated[float | None, typer.Option(help="Grow boxes by this share. Default: 0.05; paper: 0.")] = None,
    shift: Annotated[float | None, typer.Option(help="How far the sides of a box are moved. Default: 0.05.")] = None,
    upper: Annotated[float | None, typer.Option(help="Share of upper-body views. Default: 0.12.")] = None,
    parts: Annotated[float | None, typer.Option(help="Share of views of head or legs. Default: 0.")] = None,
    worse: Annotated[
        float | None,
        typer.Option(help="How often views are made blurred, coarse, noisy or half hidden, 0 to 1. Default: 0."),
    ] = None,
    colour: Annotated[float | None, typer.Option(help="Colour jitter. Default: 0.3; paper: 0.2.")] = None,
    optimiser: Annotated[str | None, choice("adamw", "sgd", help="Default: adamw; paper: sgd.")] = None,
    momentum: Annotated[float, typer.Option(help="Momentum of sgd.")] = 0.9,
    lr: Annotated[
        float | None, typer.Option(help="Learning rate of pretrained layers. Default: 2e-4; paper: 0.003.")
    ] = None,
    head_lr: Annotated[
        float | None, typer.Option(help="Learning rate of new layers. Default: 1e-3; paper: 0.003; with --start: --lr.")
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Default: 0.02; paper: 0.0005.")] = None,
    schedule: Annotated[str | None, choice("cosine", "steps", help="Default: cosine; paper: steps.")] = None,
    gamma: Annotated[float, typer.Option(help="What the rate is multiplied by at each of --steps.")] = 0.1,
    steps: Annotated[str, typer.Option(help="Where the rate falls, as shares of the iterations.")] = "0.5,0.8",
    warm_up: Annotated[
        float | None, typer.Option(help="Share of the iterations for warm-up. Default: 0.05; paper: 0.")
    ] = None,
    ema: Annotated[
        float | None, typer.Option(help="Decay of the weights' moving average. Default: 0.998; paper: 0.")
    ] = None,
    clip: Annotated[float | None, typer.Option(help="Largest gradient norm, 0 for none. Default: 5; paper: 0.")] = None,
    loss: Annotated[str, choice("bce", "weighted", "focal", "mixed", help="weighted: the paper's equation 2.")] = "bce",
    focal_gamma: Annotated[float, typer.Option(help="Exponent of the focal loss.")] = 2.0,
    mixed_share: Annotated[float, typer.Option(help="Share of BCE in the mixed loss; the rest is weighted BCE.")] = 0.5,
    loss_over: Annotated[
        str,
        choice("sum", "mean", help="How to combine a person's losses, one per attribute. Default: mean; paper: sum."),
    ] = "",
    smoothing: Annotated[float, typer.Option(help="Label smoothing.")] = 0.0,
    unseen_weight: Annotated[
        float | None,
        typer.Option(help="How much the label 'cannot be seen' counts as a negative. Default: 0.5; paper: 0."),
    ] = None,
    rare: Annotated[
        float, typer.Option(help="People with an attribute rarer than this share are drawn more often.")
    ] = 0.0,
    side_weight: Annotated[float, typer.Option(help="Weight of the side branch's loss; the main one's is 1.")] = 1.0,
    mask_weight: Annotated[float, typer.Option(help="Weight of the mask loss; 0: no mask supervision.")] = 1.0,
    frozen_stages: Annotated[
        int | None, typer.Option(help="Freeze the stem and this many stages; -1: nothing. Default: 1; paper: -1.")
    ] = None,
    fixed_norms: Annotated[
        bool,
        typer.Option(
            "--fixed-norms",
            help="Keep the statistics of batch norms, as suits few images; always so when starting from a model file.",
        ),
    ] = False,
    precision: Annotated[str, choice("auto", "fp32", "bf16", "fp16", help="fp16 needs a GPU.")] = "auto",
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 0,
    val_images: Annotated[
        int, typer.Option(help="Validation images per data set, scored at every save; 0: none.")
    ] = 500,
    save_every: Annotated[int, typer.Option(help="Iterations between checkpoints.")] = 100,
    workers: Annotated[int, typer.Option(help="Processes that prepare images; -1: one, or up to 8 with a GPU.")] = -1,
) -> None:
    """Train Da-HAR on data sets in their published layouts. On N GPUs:
    torchrun --nproc-per-node N -m harcli train ...

    Example: harcli train --dataset rap --root data --recipe paper --depth 101
    --backbone-weights resnet101.safetensors --out runs/rap
    """
    import logging

    from harcli.errors import HarcliError
    from harcli.training.config import from_recipe
    from harcli.training.spec import RunSpec

    logging.basicConfig(format="%(message)s")
    if resume is not None:
        from harcli.training import run

        alone(context)
        carry_out(resume, lambda: run.resume(resume, Progress()))
        return
    names = tuple(words(dataset))
    if not names or out is None:
        raise HarcliError("harcli train needs --dataset, --root and --out; or --resume RUN alone")
    if iterations is None and epochs <= 0:
        raise HarcliError(f"epochs {epochs:g}: expected more than 0")
    own = own_labels(labels, names)
    config = from_recipe(
        recipe,
        iterations=iterations,
        batch=batch,
        small_share=small_share,
        views=views,
        colour=colour,
        optimiser=optimiser,
        momentum=momentum,
        lr=lr,
        head_lr=head_lr,
        weight_decay=weight_decay,
        schedule=schedule,
        gamma=gamma,
        steps=parse_shares(steps),
        warm_up=warm_up,
        ema=ema,
        clip=clip,
        loss=loss,
        focal_gamma=focal_gamma,
        mixed_share=mixed_share,
        sum_attributes={"sum": True, "mean": False, "": None}[one_of("--loss-over", loss_over, ("", "sum", "mean"))],
        side_weight=side_weight,
        mask_weight=mask_weight,
        frozen_stages=frozen_stages,
        fixed_norms=fixed_norms,
        weights=parse_weights(weights),
        seed=seed,
        precision=precision,
        # Which own labels cannot be seen in a part of the body is not known.
        upper=0.0 if own else upper,
        parts=0.0 if own else parts,
        shift=shift,
        worse=worse,
        smoothing=smoothing,
        unseen_weight=unseen_weight,
        rare=rare,
        teacher_weight=teacher_weight,
        **view(recipe, dataset, size, full, small_size, margin, start),
    )
    if start and head_lr is None:  # nothing is new in it
        config = replace(config, head_lr=config.lr)
    spec = RunSpec(
        datasets=names,
        root=str(data_root(root, names)),
        split=split,
        train_part=train_part,
        own_labels=own,
        unknown_negative=one_of("--unknown", unknown, ("ignore", "negative")) == "negative",
        boxes=str(boxes or ""),
        masks=str(masks or ""),
        min_positives=min_positives,
        backbone=one_of("--backbone", backbone, ("resnet", "efficientnet-lite2")),
        depth=depth,
        width=width,
        dropout=dropout,
        attention=attention,
        self_mask=self_mask,
        fusion=fusion,
        masked_attention=masked_attention,
        backbone_weights=str(backbone_weights or ""),
        start=start,
        teacher=teacher,
        epochs=epochs if iterations is None else 0.0,
        val_images=val_images,
        save_every=save_every,
        workers=workers,
        train=config,
    )
    from harcli.training import run  # torch takes seconds to import: mistakes in the options have shown by now

    carry_out(out, lambda: run.start(spec, out, Progress()))
