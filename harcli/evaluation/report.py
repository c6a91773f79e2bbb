"""Scores as JSON values and as tables, with their convention named."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli.evaluation.metrics import Scores, evaluate

CONVENTION = (
    "per attribute over known labels; AP non-interpolated (scikit-learn); mA = (TPR + TNR) / 2 and F1 at the "
    "attribute's threshold; means over attributes with positives and negatives"
)
COLUMNS = ("attribute", "positives", "known", "AP", "mA", "precision", "recall", "F1", "threshold")


def report(
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float32],
    attributes: Sequence[str],
    thresholds: Mapping[str, float],
    datasets: Sequence[str],
) -> dict[str, Any]:
    """Scores over all samples and over each data set.

    Args:
        labels: `(N, A)`: 1, 0, -1.
        probabilities: `(N, A)`.
        datasets: N names, the data set of each sample.

    Returns:
        `{"convention", "images", "means", "attributes": {name: {...}}, "datasets": {name: {"images", "means"}}}`.
    """
    limits = [thresholds[name] for name in attributes]
    scores = evaluate(labels, probabilities, limits)
    of = np.array(datasets)
    parts = {}
    for name in dict.fromkeys(datasets):
        rows = of == name
        part = evaluate(labels[rows], probabilities[rows], limits)
        parts[name] = {
            "images": int(rows.sum()),
            "means": _rounded(part.means()),
            "attributes": _short(part, attributes),
        }
    return {
        "convention": CONVENTION,
        "images": len(labels),
        "means": _rounded(scores.means()),
        "attributes": {name: _row(scores, i, limits[i]) for i, name in enumerate(attributes)},
        "datasets": parts,
    }


def rows(result: Mapping[str, Any]) -> list[list[str]]:
    """The per-attribute table of a `report`, columns as in `COLUMNS`, rows in the model's order."""
    table = []
    for name, row in result["attributes"].items():
        values = [row[column] for column in COLUMNS[1:]]
        table.append([name, *("-" if v is None else str(v) if isinstance(v, int) else f"{v:.3f}" for v in values)])
    return table


def markdown(result: Mapping[str, Any]) -> str:
    """The per-attribute table for a model card."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows(result)]) + "\n"


def _row(scores: Scores, i: int, threshold: float) -> dict[str, Any]:
    values = {"AP": scores.ap, "mA": scores.ma, "precision": scores.precision, "recall": scores.recall, "F1": scores.f1}
    row: dict[str, Any] = {"positives": int(scores.positives[i]), "known": int(scores.known[i])}
    row |= _rounded({name: float(column[i]) for name, column in values.items()})
    return row | {"threshold": round(threshold, 4)}


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
