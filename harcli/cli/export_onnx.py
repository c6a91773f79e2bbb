"""`harcli export-onnx`: one .onnx file that explains itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export_onnx(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="CHECKPOINT",
            help="Checkpoint of `harcli train` (.safetensors), or a model (.onnx) to convert to a lower precision.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The .onnx file to write.")],
    crops: Annotated[
        Path,
        typer.Option(
            help="Folder of crops of people (for a detector: of photos), to check the export on and to calibrate int8."
        ),
    ],
    thresholds: Annotated[
        Path | None,
        typer.Option(
            help="JSON from `harcli evaluate --part val --calibrate` (or `--choose-thresholds`); or the model "
            "that training started from, to keep its thresholds."
        ),
    ] = None,
    scores: Annotated[
        Path | None, typer.Option(help="JSON from `harcli evaluate --part test`, to keep in the file.")
    ] = None,
    name: Annotated[str, typer.Option(help="The model's name.")] = "da-har",
    version: Annotated[str, typer.Option(help="The model's version.")] = "1",
    size: Annotated[
        str, typer.Option(help="Input size, height x width; default: that of a whole person when scoring.")
    ] = "",
    mirrored: Annotated[
        bool,
        typer.Option(
            "--mirrored",
            help="Average over each person and their mirror image: more accurate, but takes twice as long.",
        ),
    ] = False,
    half: Annotated[bool, typer.Option(help="Store weights as float16; computing stays in float32.")] = False,
    precision: Annotated[str, typer.Option(help="fp32; fp16, for CUDA; int8, for x86 processors.")] = "fp32",
    held_out: Annotated[
        str, typer.Option(help="Data set on whose val part fp16 and int8 are compared with fp32; '' skips that.")
    ] = "everyday",
    data: Annotated[
        Path | None, typer.Option(envvar="HARCLI_DATA", help="Folder that holds the data set of --held-out.")
    ] = None,
    min_gain: Annotated[
        float,
        typer.Option(
            help="Leave out attributes learnt less well than this on the validation part: 0 is guessing, 1 perfect."
        ),
    ] = 0.0,
    min_height: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="People smaller than this, in pixels, get no tags. Default: 0; with --thresholds MODEL, the model's.",
        ),
    ] = None,
    min_reach: Annotated[
        float,
        typer.Option(
            help="Leave out attributes whose tags reach this precision at no threshold (only after --calibrate)."
        ),
    ] = 0.0,
) -> None:
    """Write a checkpoint as one ONNX file, checked against torch.

    The file also holds names, thresholds, preprocessing, terms and scores.

    Example: harcli export-onnx runs/first/last.safetensors --out model.onnx --crops photos --thresholds val.json
    """

    from harcli.cli.export_limits import read_limits, scores_of
    from harcli.cli.export_lower import Lowering, sample_crops
    from harcli.cli.options import parse_size
    from harcli.datasets import dataset
    from harcli.datasets.sample import SHARED_SPLIT, is_csv
    from harcli.datasets.transforms import MEAN, STD
    from harcli.errors import HarcliError
    from harcli.evaluation.thresholds import read_evaluation
    from harcli.evaluation.view import trained_view
    from harcli.export.onnx_file import calibrate, halve, keep_attributes, to_onnx, write
    from harcli.export.parity import FP32_TOLERANCE, HALF_TOLERANCE, check_parity
    from harcli.network import checkpoint as checkpoints
    from harcli.recognition.metadata import AttributeSpec, InputSpec, ModelMetadata

    if out.suffix.lower() != ".onnx":
        raise HarcliError(f"{out}: the file to write must end in .onnx")
    lowering = Lowering(crops, out, precision, held_out, data)
    if checkpoint.suffix == ".onnx":
        lowering.of_file(checkpoint)
        return
    if thresholds is None:
        raise HarcliError(
            "a checkpoint needs --thresholds: the JSON of `harcli evaluate --calibrate`, or the model it started from"
        )
    model, about = checkpoints.load(checkpoint)
    limits = read_limits(thresholds, about["attributes"])
    kept = limits.kept(about["attributes"], min_gain, min_reach)
    keep_attributes(model, [about["attributes"].index(n) for n in kept])
    if limits.fitted:
        calibrate(model, *limits.fitted.of(kept))
    _, full, margin = trained_view(about["train"])
    height, width = parse_size(size) if size else full
    if height % 16 or width % 16 or not height * width:
        raise HarcliError(f"size {height}x{width}: height and width must be multiples of 16")
    spec = InputSpec(height, width, MEAN, STD, margin=margin)
    images = sample_crops(crops)
    proto = to_onnx(model, height, width, mirrored)
    difference = check_parity(model, proto, images, spec, FP32_TOLERANCE, mirrored)
    typer.echo(f"largest difference to torch on {len(images)} crops: {difference:.2g} (fp32)", err=True)
    if half and precision == "fp32":
        halve(proto)
        difference = check_parity(model, proto, images, spec, HALF_TOLERANCE, mirrored)
        typer.echo(f"largest difference to torch on {len(images)} crops: {difference:.2g} (float16 weights)", err=True)
    metadata = ModelMetadata(
        name=name,
        version=version,
        attributes=tuple(AttributeSpec(n, _group(n), limits.thresholds[n]) for n in kept),
        input=spec,
        datasets=tuple(dict.fromkeys(Path(n).name if is_csv(n) else n for n in about["datasets"])),  # no path of a disk
        licence="; ".join(dict.fromkeys(dataset(n).TERMS for n in about["datasets"])),
        scores=scores_of(read_evaluation(scores), kept) if scores is not None else {},
        labels=about.get("labels", "shared"),
        split=about.get("split", SHARED_SPLIT),
        levels={level: {n: of[n] for n in kept} for level, of in limits.levels.items()},
        min_height=limits.min_height if min_height is None else min_height,
    )
    if precision == "fp32":
        write(proto, metadata, out)
    else:
        lowering.write(proto, metadata)
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {len(kept)} attributes", err=True)
    if listed := limits.left_out(about["attributes"], kept, min_gain):
        asked = f"--min-gain {min_gain:g}" + (f" or --min-reach {min_reach:g}" if min_reach else "")
        typer.echo(f"left out, learnt less well than {asked} asks: {listed}", err=True)


def _group(name: str) -> str:
    """The group of a canonical attribute; `own` for a data set's own label."""
    from harcli.attributes import ATTRIBUTES

    return ATTRIBUTES[name].group if name in ATTRIBUTES else "own"
