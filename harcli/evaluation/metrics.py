"""Per-attribute metrics over known labels, and the choice of thresholds.

Conventions: AP is scikit-learn's `average_precision_score` (non-interpolated: the mean of the precisions at the
positives, ties taken together); mA is the mean of the true positive and true negative rates at a threshold (RAP
protocol); F1 is 2PR / (P + R) of the attribute. An unknown label (-1) counts for nothing; an attribute without
positives or without negatives has no AP and no mA (NaN) and is left out of the means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Metrics of each attribute, arrays `(A,)`; NaN where an attribute has no positives or no negatives."""

    positives: NDArray[np.int64]
    known: NDArray[np.int64]
    ap: Floats
    ma: Floats
    precision: Floats
    recall: Floats
    f1: Floats

    def means(self) -> dict[str, float]:
        """`{"mAP", "mA", "F1"}`: means over the attributes that have a value."""
        return {"mAP": float(np.nanmean(self.ap)), "mA": float(np.nanmean(self.ma)), "F1": float(np.nanmean(self.f1))}


def average_precision(truth: ArrayLike, scores: ArrayLike) -> float:
    """Average precision of one attribute, non-interpolated, ties taken together.

    Args:
        truth: `(N,)` of 0 and 1.
        scores: `(N,)`, higher is more certain.

    Returns:
        0..1, or NaN without positives.
    """
    y, s = np.asarray(truth, dtype=bool), np.asarray(scores, dtype=np.float64)
    if not y.any():
        return float("nan")
    order = np.argsort(-s, kind="stable")
    y, s = y[order], s[order]
    ends = np.append(np.flatnonzero(np.diff(s)), len(s) - 1)  # last index of each run of equal scores
    hits = np.cumsum(y)[ends]
    precision = hits / (ends + 1)
    gained = np.diff(hits, prepend=0) / hits[-1]
    return float((precision * gained).sum())


def evaluate(labels: NDArray[np.int8], probabilities: NDArray[np.float32], thresholds: ArrayLike) -> Scores:
    """Score predictions against labels.

    Args:
        labels: `(N, A)`: 1, 0, or -1 for unknown.
        probabilities: `(N, A)` in 0..1.
        thresholds: `(A,)` or one number; predicted positive is `probability >= threshold`.
    """
    count = labels.shape[1]
    limits = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), (count,))
    rows = [_one(labels[:, i], probabilities[:, i], float(limits[i])) for i in range(count)]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Scores(*columns)


def _one(labels: NDArray[np.int8], p: NDArray[np.float32], threshold: float) -> tuple[float, ...]:
    """positives, known, AP, mA, precision, recall, F1 of one attribute."""
    keep = labels >= 0
    y, p = labels[keep] == 1, p[keep]
    positives, known = int(y.sum()), int(keep.sum())
    if positives == 0 or positives == known:
        return positives, known, *(float("nan"),) * 5
    hit = p >= threshold
    tp, fp = int((hit & y).sum()), int((hit & ~y).sum())
    tn = known - positives - fp
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / positives
    ma = (recall + tn / (known - positives)) / 2
    f1 = 2 * tp / (2 * tp + fp + positives - tp)
    return positives, known, average_precision(y, p), ma, precision, recall, f1


def choose_threshold(
    truth: ArrayLike,
    probabilities: ArrayLike,
    min_precision: float = 0.6,
    max_false_rate: float = 1.0,
    weights: ArrayLike | None = None,
) -> float:
    """The threshold of the highest F1 among those that are right often enough, and seldom wrong where there is nothing.

    Precision must be at least `min_precision`, and at most `max_false_rate` of the negatives may be called positive.
    The second bound is for attributes that most people of a data set have (a bag in street photos): there precision is
    high whatever is predicted, but in other photos it would not be. Where no threshold reaches `min_precision`, it is
    the one of highest precision among those that find at least a tenth of the positives: a tag that is seldom given is
    better than one that is often wrong. The threshold lies midway between two neighbouring predictions. Without
    positives or negatives it is 0.5.

    Args:
        truth: `(N,)` of 0 and 1.
        probabilities: `(N,)` in 0..1.
        weights: `(N,)` above 0, how much each sample counts (see `equal_shares`); None: all alike.
    """
    y, p = np.asarray(truth, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    if not y.any() or y.all():
        return 0.5
    order = np.argsort(-p, kind="stable")
    y, p = y[order], p[order]
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)[order]
    tp = np.cumsum(y * w)
    predicted = np.cumsum(w)
    ends = np.append(np.diff(p) != 0, True)  # a threshold cannot part equal predictions
    precision, recall = tp / predicted, tp / tp[-1]
    f1 = 2 * tp / (predicted + tp[-1])
    ends &= (predicted - tp) <= max_false_rate * (predicted[-1] - tp[-1])
    if not ends.any():
        return float((1 + p[0]) / 2)  # the most certain predictions are wrong: say nothing
    allowed = ends & (precision >= min_precision)
    if allowed.any():
        best = int(np.argmax(np.where(allowed, f1, -1)))
    elif (ends & (recall >= 0.1)).any():
        best = int(np.argmax(np.where(ends & (recall >= 0.1), precision, -1)))
    else:
        best = int(np.flatnonzero(ends)[-1])
    below = p[best + 1] if best + 1 < len(p) else 0.0
    return float((p[best] + below) / 2)


def equal_shares(groups: NDArray[np.str_]) -> Floats:
    """Weights `(N,)` that let every group count alike, however many samples it has; their mean is 1.

    With them a large data set of small surveillance crops does not decide the thresholds for photos alone.
    """
    names, which, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weights: Floats = len(groups) / (len(names) * counts[which])
    return weights
