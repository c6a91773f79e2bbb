"""`harcli evaluate`: score a checkpoint or a model file on the held-out part of data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def evaluate(
    model: Annotated[Path, typer.Argument(help="Checkpoint (.safetensors) or model file (.onnx).")],
    dataset: Annotated[str, typer.Option(help="Data sets, joined by commas.")],
    root: Annotated[Path, typer.Option(envvar="HARCLI_DATA", help="Folder that holds a folder for each data set.")],
    part: Annotated[str, typer.Option(help="Part to score: val or test.")] = "test",
    boxes: Annotated[Path | None, typer.Option(help="CSV of `harcli tag` with person boxes for whole photos.")] = None,
    size: Annotated[str, typer.Option(help="Input size of a checkpoint; default: as trained.")] = "",
    choose_thresholds: Annotated[
        bool, typer.Option(help="Choose each threshold on this part (use val), every data set counting alike.")
    ] = False,
    min_precision: Annotated[float, typer.Option(help="Least precision that a chosen threshold aims at.")] = 0.6,
    max_false_rate: Annotated[
        float, typer.Option(help="Share of the negatives that a chosen threshold may call positive.")
    ] = 0.05,
    thresholds: Annotated[
        Path | None, typer.Option(help="JSON of an earlier evaluation whose thresholds are used.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write all figures to this .json file, or the table to this .md file.")
    ] = None,
) -> None:
    """Score a model: AP, mA and F1 of each attribute, over known labels.

    Thresholds are a model file's own, those of --thresholds, or 0.5.

    Example: harcli evaluate runs/first/last.safetensors --dataset ccp --root data --out test.json
    """
    import json
    import logging

    import numpy as np

    from harcli.datasets import labels_of, load, read_boxes, with_boxes
    from harcli.errors import HarcliError
    from harcli.evaluation.metrics import choose_threshold, equal_shares
    from harcli.evaluation.report import markdown, report
    from harcli.outputs.whole_file import whole_file

    logging.basicConfig(format="%(message)s")
    if part not in ("train", "val", "test"):
        raise HarcliError(f"part '{part}': choose train, val or test")
    samples = [s for s in load(dataset.split(","), root) if s.part == part]
    if boxes is not None:
        samples = with_boxes(samples, read_boxes(boxes))
    if not samples:
        raise HarcliError(f"{root}: no images in the {part} part of {dataset}")
    if model.suffix == ".onnx":
        from harcli.evaluation.predict import predict_onnx
        from harcli.recognition.model import AttributeModel

        recognizer = AttributeModel.load(model)
        attributes = recognizer.metadata.names
        limits = dict(zip(attributes, recognizer.metadata.thresholds, strict=True))
        probabilities = predict_onnx(recognizer, samples)
    else:
        from harcli.cli.options import parse_size
        from harcli.datasets.views import Views
        from harcli.evaluation.predict import predict
        from harcli.training import checkpoint

        network, about = checkpoint.load(model)
        attributes = about["attributes"]
        limits = dict.fromkeys(attributes, 0.5)
        trained = (int(about["train"]["size"][0]), int(about["train"]["size"][1]))
        views = Views(samples, labels_of(samples, attributes), attributes, parse_size(size) if size else trained)
        probabilities = predict(network, views)
    labels = labels_of(samples, attributes)
    if thresholds is not None:
        limits |= read_thresholds(thresholds)
    sources = [s.dataset for s in samples]
    if choose_thresholds:
        for i, name in enumerate(attributes):
            known = labels[:, i] >= 0
            shares = equal_shares(np.array(sources)[known])
            limits[name] = choose_threshold(
                labels[known, i] == 1, probabilities[known, i], min_precision, max_false_rate, shares
            )
    result = report(labels, probabilities, attributes, limits, sources)
    about_run = {"model": model.name, "part": part, "datasets": dataset.split(",")}
    if out is not None:
        with whole_file(out) as file:
            table = out.suffix == ".md"
            file.write(markdown(result) if table else json.dumps(about_run | result, indent=1) + "\n")
    _print(result, f"{model.name}, {part} part of {dataset}")


def read_thresholds(path: Path) -> dict[str, float]:
    """The thresholds in the JSON of an evaluation."""
    import json

    from harcli.errors import HarcliError

    try:
        rows: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))["attributes"]
        return {name: float(row["threshold"]) for name, row in rows.items()}
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarcliError(f"{path}: not the JSON of `harcli evaluate --out`") from error


def _print(result: dict[str, Any], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from harcli.evaluation.report import COLUMNS, rows

    table = Table(title=title, caption=result["convention"])
    for i, column in enumerate(COLUMNS):
        table.add_column(column, justify="left" if i == 0 else "right")
    for row in rows(result):
        table.add_row(*row)
    console = Console()
    console.print(table)
    for name, part in [("all", result), *result["datasets"].items()]:
        means = "  ".join(f"{k} {v:.4f}" for k, v in part["means"].items() if v is not None)
        console.print(f"{name}: {part['images']} images  {means}", highlight=False)
