"""`harcli evaluate`: score a checkpoint or a model file on a part of data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harcli.cli.options import BoxesOption, ThreadsOption, choice, dataset_names, words
from harcli.errors import HarcliError
from harcli.near import one_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harcli.datasets.sample import Sample
    from harcli.evaluation.report import Protocol
    from harcli.evaluation.subject import Subject

PARTS = {part: (part,) for part in ("train", "val", "test")} | {"trainval": ("train", "val")}


def evaluate(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="Checkpoint (.safetensors), model file (.onnx), or an installed model's name."
        ),
    ],
    dataset: Annotated[str, typer.Option(help="Data sets, separated by commas.")],
    root: Annotated[
        Path | None, typer.Option(envvar="HARCLI_DATA", help="Folder with one folder per data set.")
    ] = None,
    split: Annotated[str, typer.Option(help="Split of the data sets, for example 0; default: the model's.")] = "",
    part: Annotated[str, choice("train", "val", "trainval", "test", help="Part to score.")] = "test",
    inference: Annotated[
        str,
        choice(
            *("full", "mirrored", "five-crop"),
            help="full: the whole person; mirrored: with the mirror image as well; five-crop: mean of five crops.",
        ),
    ] = "full",
    size: Annotated[str, typer.Option(help="Input size of a checkpoint, height x width; default: its own.")] = "",
    precision: Annotated[
        str, choice("auto", "fp32", "bf16", "fp16", help="Precision a checkpoint computes in, as in training.")
    ] = "fp32",
    boxes: BoxesOption = None,
    ap: Annotated[
        str, choice("sklearn", "voc2010", help="How average precision is computed; WIDER uses voc2010.")
    ] = "sklearn",
    convention: Annotated[
        str,
        choice(
            "rethinking", "rap-matlab", "per-sample-f1", help="How instance metrics are computed (docs/scoring.md)."
        ),
    ] = "rethinking",
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="One threshold for all attributes; default: a model file's own, or 0.5 (per-sample-f1: 0.45).",
        ),
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="Use the thresholds of an earlier evaluation, a .json file.")
    ] = None,
    choose_thresholds: Annotated[
        bool, typer.Option(help="Choose each threshold on this part (use val); every data set counts alike.")
    ] = False,
    min_precision: Annotated[float, typer.Option(help="Lowest precision that a chosen threshold aims at.")] = 0.6,
    max_false_rate: Annotated[
        float, typer.Option(help="Largest share of the negatives that a chosen threshold may call positive.")
    ] = 0.05,
    calibrate: Annotated[
        bool,
        typer.Option(
            help="Fit each attribute's probabilities to this part (use val) and choose thresholds for precision 0.9, "
            "0.8 and 0.6, to use in export-onnx."
        ),
    ] = False,
    groups: Annotated[str, typer.Option(help="Also give error rates per group of people: sex,age.")] = "",
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="File to write: .json for all figures, .csv for the table, .md for table and means. May be repeated."
        ),
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Bar chart of the attributes, a .png file.")] = None,
    threads: ThreadsOption = None,
) -> None:
    """Score a model: mA, instance accuracy, precision, recall and F1, mAP, and a table of its attributes.

    Unknown labels do not count. The output names the conventions that were used.

    Example: harcli evaluate runs/first/last.safetensors --dataset peta --split 0 --root data --out test.json
    """
    import logging

    logging.basicConfig(format="%(message)s")
    _check_options(part, inference, ap, convention, groups, out or [], chart)
    one_of("--precision", precision, ("fp32", "bf16", "fp16", "auto"))
    if (threshold is not None) + (thresholds is not None) + choose_thresholds + calibrate > 1:
        raise HarcliError("give only one of --threshold, --thresholds, --choose-thresholds and --calibrate")

    from harcli.cli.evaluate_report import Progress, print_report, write_report
    from harcli.cli.options import data_root, parse_size
    from harcli.datasets import dataset as module_of
    from harcli.datasets import labels_of
    from harcli.evaluation.fitted import fit_part
    from harcli.evaluation.report import Protocol, report
    from harcli.evaluation.subject import open_subject
    from harcli.evaluation.tags import tags_report
    from harcli.evaluation.thresholds import thresholds_of
    from harcli.runtime import limit_threads

    limit_threads(threads)
    subject = open_subject(
        model, parse_size(size) if size else None, inference == "five-crop", precision, inference == "mirrored"
    )
    names = dataset_names(dataset)
    samples = _samples(names, data_root(root, names), split or subject.split, part, boxes)
    labels = labels_of(samples, subject.attributes, subject.own)
    if not (labels >= 0).any():
        kind = "labels of its own data sets" if subject.own else "canonical attributes"
        raise HarcliError(f"{model}: it predicts {kind}, none of which {dataset} labels in its {part} part")
    protocol = Protocol(ap, convention, subject.own)
    limits, origin = _thresholds(subject, protocol, threshold, thresholds)
    probabilities = subject.probabilities(samples, Progress(len(samples)))
    sources = [s.dataset for s in samples]
    if choose_thresholds:
        limits = thresholds_of(subject.attributes, labels, probabilities, sources, min_precision, max_false_rate)
        origin = f"chosen on this part ({part}); precision from {min_precision:g}, false rate to {max_false_rate:g}"
    fitted = fit_part(labels, probabilities, subject.attributes, _judged(sources)) if calibrate else None
    if fitted is not None:
        limits, origin = (
            dict(fitted.levels[""]),
            f"chosen on this part ({part}) after calibration, for tags of precision 0.8 each and 0.87 together",
        )
        probabilities = fitted.apply(probabilities, subject.attributes)
    result = {
        "model": model.name,
        "data set": dataset,
        "part": part,
        "split": split or subject.split or ", ".join(module_of(name).SPLITS[0] for name in names),
        "labels": "own" if subject.own else "shared",
        "inference": subject.seen,
        "thresholds": origin,
    } | report(labels, probabilities, subject.attributes, limits, sources, protocol)
    if fitted is not None:
        result["fitted"] = fitted.as_json()
    if not subject.own:
        result["tags"] = tags_report(labels, probabilities, subject.attributes, limits)
    about_people: list[str] = []
    if groups:
        result["groups"], about_people = _group_rates(groups, samples, labels, probabilities, subject, limits)
    write_report(result, out or [], chart, dataset)
    print_report(result, about_people)


def _check_options(
    part: str, inference: str, ap: str, convention: str, groups: str, out: Sequence[Path], chart: Path | None
) -> None:
    """What can be told wrong before anything is loaded."""
    from harcli.evaluation.ap import AVERAGE_PRECISIONS
    from harcli.evaluation.instance import CONVENTIONS

    choices: list[tuple[str, str, Sequence[str]]] = [
        ("--part", part, list(PARTS)),
        ("--inference", inference, ["full", "mirrored", "five-crop"]),
        ("--ap", ap, list(AVERAGE_PRECISIONS)),
        ("--convention", convention, list(CONVENTIONS)),
    ]
    choices += [("--groups", group, ["sex", "age"]) for group in words(groups)]
    for option, value, allowed in choices:
        one_of(option, value, allowed)
    files: list[tuple[str, Path, tuple[str, ...]]] = [("--out", path, (".json", ".csv", ".md")) for path in out]
    files += [("--chart", chart, (".png",))] if chart else []
    for option, path, endings in files:
        if path.suffix.lower() not in endings:
            raise HarcliError(f"{option} {path}: must end in {' or '.join(endings)}")
        if not path.parent.is_dir():
            raise HarcliError(f"{option} {path}: there is no folder {path.parent}; make it first")


def _samples(names: list[str], root: Path, split: str, part: str, boxes: Path | None) -> list[Sample]:
    from harcli.datasets import boxed, load

    samples = [s for s in load(names, root, split) if s.part in PARTS[part]]
    if not samples:
        of = f"split '{split}' of " if split else ""
        raise HarcliError(f"{root}: no images in the {part} part of {of}{', '.join(names)}")
    return boxed(samples, boxes)


def _thresholds(
    subject: Subject, protocol: Protocol, threshold: float | None, file: Path | None
) -> tuple[dict[str, float], str]:
    """The thresholds by attribute, and where they are from."""
    from harcli.evaluation.instance import CONVENTIONS
    from harcli.evaluation.thresholds import read_thresholds

    if file is not None:
        return read_thresholds(file, subject.attributes), f"of {file.name}"
    if threshold is None and subject.thresholds is not None:
        return subject.thresholds, "the model file's own"
    value = CONVENTIONS[protocol.convention].threshold if threshold is None else threshold
    return dict.fromkeys(subject.attributes, value), f"{value:g} for all"


def _judged(sources: list[str]) -> NDArray[np.bool_]:
    """The people by whom it goes whether an attribute is learnt well enough: those labelled by eye, if any."""
    import numpy as np

    from harcli.datasets import dataset, labelled

    by_eye = np.array([dataset(name) is labelled for name in sources])
    return by_eye if by_eye.any() else ~by_eye


def _group_rates(
    divisions: str,
    samples: list[Sample],
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float32],
    subject: Subject,
    limits: Mapping[str, float],
) -> tuple[dict[str, Any], list[str]]:
    """Error rates by division, and the attributes about people that they are shown for."""
    from harcli.evaluation.groups import group_rates, members, sensitive

    about_people = sensitive(subject.attributes, samples)
    values = [limits[name] for name in subject.attributes]
    rates = {
        division: group_rates(
            labels, probabilities, values, subject.attributes, about_people, members(samples, division)
        )
        for division in words(divisions)
    }
    return rates, about_people
