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
        parts[name] = {"images": int(rows.sum()), "means": _rounded(part.means()), "attributes": _ap(part, attributes)}
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


def _ap(scores: Scores, attributes: Sequence[str]) -> dict[str, float | None]:
    return _rounded({name: float(scores.ap[i]) for i, name in enumerate(attributes) if scores.positives[i]})


def _rounded(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(v) else round(v, 4) for name, v in values.items()}
