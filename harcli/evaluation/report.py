"""Scores as JSON values and as tables, with their convention named."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli.evaluation.ap import AP_MEANING
from harcli.evaluation.instance import CONVENTIONS, instance_scores
from harcli.evaluation.metrics import Scores, evaluate, mean

COLUMNS = ("attribute", "positives", "known", "AP", "mA", "precision", "recall", "F1", "threshold")
MEANS = ("mA", "Acc", "Prec", "Rec", "F1", "mAP")
"""The field's line of figures: mA over attributes, accuracy, precision, recall and F1 over samples, mAP."""

FEW = 50
"""Of fewer people, a score says little."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How predictions are scored: keys of `AVERAGE_PRECISIONS` and of `CONVENTIONS`, and the kind of the labels.

    With `own` labels an attribute with positives or negatives alone counts in mA, its missing rate as 0, as in the
    public codes. Among shared labels the missing kind is unknown, not absent, and the attribute is left out of mA.
    """

    ap: str = "sklearn"
    convention: str = "rethinking"
    own: bool = False

    @property
    def meaning(self) -> str:
        """In words, for the output."""
        one_sided = "counts, its missing rate as 0" if self.own else "is left out"
        return (
            f"{self.convention}: Acc, Prec, Rec, F1 per sample, {CONVENTIONS[self.convention].meaning}; "
            f"mA = (TPR + TNR) / 2, an attribute without positives or without negatives {one_sided}; "
            f"{AP_MEANING[self.ap]}, mAP over attributes with both; unknown labels count for nothing; "
            "predicted is a probability > threshold"
        )


def report(
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float32],
    attributes: Sequence[str],
    thresholds: Mapping[str, float],
    datasets: Sequence[str],
    protocol: Protocol,
) -> dict[str, Any]:
    """Scores over all samples and over each data set.

    Args:
        labels: `(N, A)`: 1, 0, -1.
        probabilities: `(N, A)`.
        datasets: N names, the data set of each sample.

    Returns:
        `{"convention", "images", "means", "attributes": {name: {...}}, "datasets": {name: {"images", "means"}}}`;
        None stands where there is no value.
    """
    limits = np.array([thresholds[name] for name in attributes])
    scores = evaluate(labels, probabilities, limits, protocol.ap)
    of = np.array(datasets)
    parts = {}
    for name in dict.fromkeys(datasets):
        rows = of == name
        part = evaluate(labels[rows], probabilities[rows], limits, protocol.ap)
        parts[name] = {
            "images": int(rows.sum()),
            "means": means(part, labels[rows], probabilities[rows], limits, protocol),
            "attributes": _short(part, attributes),
        }
    return {
        "convention": protocol.meaning,
        "images": len(labels),
        "means": means(scores, labels, probabilities, limits, protocol),
        "attributes": _rows(scores, attributes, limits, protocol),
        "datasets": parts,
    }


def means(
    scores: Scores,
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float32],
    limits: NDArray[np.float64],
    protocol: Protocol,
) -> dict[str, float | None]:
    """`MEANS`, and `attribute F1`: the mean of the attributes' own F1."""
    of_samples = instance_scores(labels, probabilities, limits, protocol.convention)
    values = {
        "mA": mean(scores.mean_accuracy(protocol.own)),
        "Acc": of_samples.accuracy,
        "Prec": of_samples.precision,
        "Rec": of_samples.recall,
        "F1": of_samples.f1,
        "mAP": mean(scores.ap),
        "attribute F1": mean(scores.f1),
    }
    return _rounded(values)


def table(result: Mapping[str, Any]) -> list[list[str]]:
    """The per-attribute table of a `report`, columns as in `COLUMNS`, rows in the model's order."""
    lines = []
    for name, row in result["attributes"].items():
        values = [row[column] for column in COLUMNS[1:]]
        lines.append([name, *("-" if v is None else str(v) if isinstance(v, int) else f"{v:.3f}" for v in values)])
    return lines


def means_table(result: Mapping[str, Any]) -> list[list[str]]:
    """One line per data set, and one for all where there are several: name, images, `MEANS`."""
    parts = list(result["datasets"].items())
    if len(parts) > 1:
        parts.append(("all", result))
    return [
        [name, str(part["images"]), *("-" if (v := part["means"][m]) is None else f"{v:.4f}" for m in MEANS)]
        for name, part in parts
    ]


def title_of(result: Mapping[str, Any]) -> str:
    """What was scored: the model, on which part of which data sets, seen how."""
    return (
        f"{result['model']}, {result['part']} part of {result['data set']} (split {result['split']}), "
        f"{result['inference']}"
    )


def scored(result: Mapping[str, Any]) -> str:
    """In words, over how many attributes of each data set mAP goes, and how many the model has: data sets do not label
    all that a model knows.

    Args:
        result: a `report`.
    """
    counts = ", ".join(f"{name} {len(part['attributes'])}" for name, part in result["datasets"].items())
    known = len(result["attributes"])
    said = f"attributes that some people have and some have not: {counts} of {known}; mAP is over these"
    images = sum(part["images"] for part in result["datasets"].values())
    return said + (f"; {few(images)}" if images < FEW else "")


def few(images: int) -> str:
    """What to say of scores by fewer than `FEW` people."""
    return f"{images} {'person is' if images == 1 else 'people are'} few: scores by others can be far from these"


def as_markdown(result: Mapping[str, Any]) -> str:
    """What was scored, means, per-attribute table and convention, for a model card or a table that compares runs."""
    tables = [(("data set", "images", *MEANS), means_table(result)), (COLUMNS, table(result))]
    blocks = [title_of(result)]
    for head, lines in tables:
        rule = "|" + " --- |" * len(head)
        blocks.append("\n".join(["| " + " | ".join(head) + " |", rule, *("| " + " | ".join(r) + " |" for r in lines)]))
    said = [f"Convention: {result['convention']}; thresholds: {result['thresholds']}.", f"A{scored(result)[1:]}."]
    return "\n\n".join([*blocks, *said]) + "\n"


def as_csv(result: Mapping[str, Any]) -> str:
    """The per-attribute table, columns as in `COLUMNS`; an empty field where there is no value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([name, *(row[column] for column in COLUMNS[1:])] for name, row in result["attributes"].items())
    return text.getvalue()


def gains(result: Mapping[str, Any]) -> dict[str, float]:
    """How far each attribute is learnt: 0 guessing, 1 perfect ranking; the mean of the data sets that label it.

    Guessing has an AP of the share of positives, so the gain is `(AP - share) / (1 - share)`.
    """
    values: dict[str, list[float]] = {}
    for part in result["datasets"].values():
        for name, row in part["attributes"].items():
            share = row["positives"] / row["known"]
            values.setdefault(name, []).append((row["AP"] - share) / (1 - share))
    return {name: sum(of_sets) / len(of_sets) for name, of_sets in values.items()}


def _rows(
    scores: Scores, attributes: Sequence[str], limits: NDArray[np.float64], protocol: Protocol
) -> dict[str, dict[str, Any]]:
    """Every attribute's row, by name."""
    columns = {"AP": scores.ap, "mA": scores.mean_accuracy(protocol.own), "precision": scores.precision}
    columns |= {"recall": scores.tpr, "F1": scores.f1}
    return {
        name: {
            "positives": int(scores.positives[i]),
            "known": int(scores.known[i]),
            **_rounded({column: float(values[i]) for column, values in columns.items()}),
            "threshold": float(limits[i]),  # as it is: a rare attribute's may be tiny
        }
        for i, name in enumerate(attributes)
    }


def _short(scores: Scores, attributes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """AP and counts of the attributes that a data set has positives and negatives of."""
    return {
        name: {
            "AP": round(float(scores.ap[i]), 4),
            "positives": int(scores.positives[i]),
            "known": int(scores.known[i]),
        }
        for i, name in enumerate(attributes)
        if not math.isnan(scores.ap[i])
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(v) else round(v, 4) for name, v in values.items()}
