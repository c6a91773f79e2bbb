"""`harcli train-detector`: fine-tune the embedded person detector and write its ONNX file."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from harcli.cli.streams import unfiltered, write_out


def train_detector(
    weights: Annotated[Path, typer.Option(help="YOLO26 .pt to start from; its class 0 is person.")],
    out: Annotated[Path, typer.Option(help="Folder for the run: data set, checkpoints, model.onnx.")],
    data: Annotated[
        Path | None,
        typer.Option(envvar="HARCLI_DATA", help="Folder that holds coco128/, ccp/ and clothing_attributes/."),
    ] = None,
    teacher: Annotated[Path | None, typer.Option(help="Larger .pt that gives boxes for the street photos.")] = None,
    epochs: Annotated[
        int, typer.Option(min=0, help="Passes over the photos; 0: only export the weights, cut to one class.")
    ] = 3,
    street: Annotated[int, typer.Option(help="Number of street photos shown to the teacher.")] = 320,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 1e-4,
    share: Annotated[
        float, typer.Option(help="How far to go from the starting weights (0) to the trained ones (1).")
    ] = 0.5,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 0,
    hold_out: Annotated[
        bool, typer.Option(help="Keep every fourth COCO photo out of training, to evaluate on.")
    ] = False,
    confidence: Annotated[float, typer.Option(help="Lowest score that the file reports by default.")] = 0.2,
) -> None:
    """Export YOLO26 for people only, fine-tuned or (--epochs 0) as it is.

    Example: harcli train-detector --data data --weights yolo26n.pt --teacher yolo26m.pt --out runs/person
    """
    from harcli.errors import HarcliError
    from harcli.folders import make_folder
    from harcli.training.person_data import write_dataset
    from harcli.training.person_detector import DetectorRecipe, fine_tune, load_single_class, mix
    from harcli.training.person_onnx import TUNED, TUNED_ON, DetectorCard, export_detector

    for file in (weights, teacher):
        if file is not None and not file.is_file():  # Ultralytics would try to download it
            raise HarcliError(f"{file} does not exist: check --weights and --teacher")
    model = out / "model.onnx"
    if epochs == 0:
        make_folder(out)
        export_detector(load_single_class(weights), model, DetectorCard(confidence=confidence))
        write_out(os.fsencode(model) + b"\n")
        return
    if data is None or teacher is None:
        raise HarcliError("training needs photos and a teacher: give --data and --teacher, or --epochs 0")
    dataset = write_dataset(data, teacher, out / "data", street=street, hold_out=hold_out)
    recipe = DetectorRecipe(epochs=epochs, rate=rate, seed=seed)
    # Ultralytics' progress bars move the cursor, and are not the data that standard output is for.
    to_people = unfiltered(sys.stderr)
    with contextlib.redirect_stdout(to_people), contextlib.redirect_stderr(to_people):
        checkpoint = fine_tune(weights, dataset, out / "run", recipe)
    detector = mix(load_single_class(checkpoint), load_single_class(weights), share)
    export_detector(detector, model, DetectorCard(confidence=confidence, datasets=TUNED_ON, licence=TUNED))
    write_out(os.fsencode(model) + b"\n")
