"""Error rates per group of people, for sex and age: does the model serve some people worse than others?

A person's group comes from the data set's own labels, brought to the canonical names. For each attribute and group:
`missed` is the share of its positives that are not predicted, `false` the share of its negatives that are, `error` the
share of all known labels that are predicted wrongly. Predictions are compared with thresholds one by one, before
`harcli tag` resolves contradictions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harcli.attributes import ATTRIBUTES
from harcli.datasets import dataset, labels_of
from harcli.datasets.sample import Sample
from harcli.evaluation.metrics import Scores, evaluate, mean

DIVISIONS = ("sex", "age")
RATES = ("missed", "false", "error")

Members = dict[str, NDArray[np.bool_]]


def members(samples: Sequence[Sample], division: str) -> Members:
    """Who belongs to each group of a division, `(N,)` each, and everybody.

    Somebody of whom it is not known belongs to no group.
    """
    names = [a.name for a in ATTRIBUTES.values() if a.group == division]
    labels = labels_of(samples, names)
    first, second = (labels[:, i] == 1 for i in range(2))
    everybody = np.ones(len(samples), dtype=np.bool_)
    if division == "sex":
        return {"men": first & ~second, "women": second & ~first, "everybody": everybody}
    adults = (labels == 0).all(axis=1)
    return {"children": first & ~second, "adults": adults, "elderly": second & ~first, "everybody": everybody}


def sensitive(attributes: Sequence[str], samples: Sequence[Sample]) -> list[str]:
    """Those of `attributes` that are about sex or age: canonical ones, and own labels that lead to them."""
    names = {a.name for a in ATTRIBUTES.values() if a.group in DIVISIONS}
    about = set(names)
    for source in dict.fromkeys(s.dataset for s in samples):
        rules = [rule for name, rule in dataset(source).TABLE.items() if name in names]
        about |= {label.lstrip("!") for rule in rules for label in (*rule.positive, *(rule.negative or ()))}
    return [name for name in attributes if name in about]


def group_rates(
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float32],
    thresholds: ArrayLike,
    attributes: Sequence[str],
    about_people: Sequence[str],
    groups: Members,
) -> dict[str, Any]:
    """Error rates of each group of one division.

    Args:
        labels: `(N, A)`: 1, 0, -1.
        about_people: the attributes that are about sex or age; the means are over all others.
        groups: of `members`.

    Returns:
        `{group: {"images", "attributes": {name: {"positives", "known", *RATES}}, "others": {rate: mean}}}`. The mean of
        a rate is over the attributes that have it in every group, so that groups are compared on the same ones;
        `"others"` also has `"<rate> over"`, how many they are. A group without people is left out.
    """
    scores = {g: evaluate(labels[rows], probabilities[rows], thresholds) for g, rows in groups.items() if rows.any()}
    rates = {group: _rates(of) for group, of in scores.items()}
    other = np.array([name not in about_people for name in attributes])
    result: dict[str, Any] = {}
    shared = {r: other & ~np.any([np.isnan(of[r]) for of in rates.values()], axis=0) for r in RATES} if rates else {}
    for group, of in rates.items():
        known = scores[group].known
        rows = {
            name: {"positives": int(scores[group].positives[i]), "known": int(known[i])}
            | {rate: _rounded(of[rate][i]) for rate in RATES}
            for i, name in enumerate(attributes)
            if known[i]
        }
        others: dict[str, Any] = {rate: _rounded(mean(of[rate][shared[rate]])) for rate in RATES}
        others |= {f"{rate} over": int(shared[rate].sum()) for rate in RATES}
        result[group] = {"images": int(groups[group].sum()), "attributes": rows, "others": others}
    return result


def group_table(division: Mapping[str, Any], about_people: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Head and rows of one division: a line for each attribute about people, then the means over the others."""
    head = ["", *(f"{group} ({of['images']})" for group, of in division.items())]
    lines = []
    for name in about_people:
        rates = [of["attributes"].get(name, {}) for of in division.values()]
        lines.append([f"{name}: error", *(_shown(rate.get("error")) for rate in rates)])
    for rate in RATES:
        values = [of["others"] for of in division.values()]
        count = values[0][f"{rate} over"] if values else 0
        lines.append([f"{count} other attributes: {rate}", *(_shown(of[rate]) for of in values)])
    return head, lines


def _rates(scores: Scores) -> dict[str, NDArray[np.float64]]:
    """`RATES` of each attribute, `(A,)`; NaN where there is nothing to rate."""
    missed, false = 1 - scores.tpr, 1 - scores.tnr
    negatives = scores.known - scores.positives
    wrong = np.nan_to_num(missed) * scores.positives + np.nan_to_num(false) * negatives
    error = np.where(scores.known > 0, wrong / np.maximum(scores.known, 1), np.nan)
    return {"missed": missed, "false": false, "error": error}


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 4)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
