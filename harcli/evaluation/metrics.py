"""Per-attribute metrics over known labels.

An unknown label (-1) counts for nothing. Predicted positive is a probability above the threshold (`>`), as in the
public codes. mA is the mean of the true positive and true negative rates, F1 is 2PR / (P + R) of the attribute.
An attribute without positives or without negatives has no AP, precision and F1 (NaN); `Scores.mean_accuracy` says what
becomes of it in mA.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harcli.evaluation.ap import AVERAGE_PRECISIONS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Metrics of each attribute, arrays `(A,)`; NaN where there is nothing to rate.

    tpr, tnr: the share of the positives that is predicted positive, of the negatives that is predicted negative.
    """

    positives: NDArray[np.int64]
    known: NDArray[np.int64]
    ap: Floats
    tpr: Floats
    tnr: Floats
    precision: Floats
    f1: Floats

    @property
    def one_sided(self) -> NDArray[np.bool_]:
        """`(A,)`: attributes of which only positives or only negatives are known."""
        sided: NDArray[np.bool_] = (self.known > 0) & ((self.positives == 0) | (self.positives == self.known))
        return sided

    def mean_accuracy(self, count_one_sided: bool = False) -> Floats:
        """mA of each attribute, `(TPR + TNR) / 2`.

        Args:
            count_one_sided: a rate without labels is 0 and the attribute counts, as in RAP's and all later codes;
                otherwise such an attribute has no mA (NaN). Without known labels it never has one.
        """
        if not count_one_sided:
            return (self.tpr + self.tnr) / 2
        values = (np.nan_to_num(self.tpr) + np.nan_to_num(self.tnr)) / 2
        return np.where(self.known > 0, values, np.nan)


def mean(values: Floats) -> float:
    """The mean of those that are not NaN; NaN where there are none."""
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else float("nan")


def evaluate(
    labels: NDArray[np.int8], probabilities: NDArray[np.float32], thresholds: ArrayLike, ap: str = "sklearn"
) -> Scores:
    """Score predictions against labels, attribute by attribute.

    Args:
        labels: `(N, A)`: 1, 0, or -1 for unknown.
        probabilities: `(N, A)` in 0..1.
        thresholds: `(A,)` or one number; predicted positive is `probability > threshold`.
        ap: a key of `AVERAGE_PRECISIONS`.
    """
    hits = above(probabilities, thresholds)
    rows = [_one(labels[:, i], probabilities[:, i], hits[:, i], ap) for i in range(labels.shape[1])]
    positives, known, *columns = (np.array(column) for column in zip(*rows, strict=True))
    return Scores(positives, known, *columns)


def above(probabilities: NDArray[np.float32], thresholds: ArrayLike) -> NDArray[np.bool_]:
    """What is predicted positive, `(N, A)`: `probability > threshold`, compared as float64.

    Args:
        thresholds: `(A,)` or one number.
    """
    return probabilities.astype(np.float64) > np.asarray(thresholds, dtype=np.float64)


def _one(labels: NDArray[np.int8], p: NDArray[np.float32], hit: NDArray[np.bool_], ap: str) -> tuple[float, ...]:
    """positives, known, AP, TPR, TNR, precision, F1 of one attribute."""
    keep = labels >= 0
    y, p, hit = labels[keep] == 1, p[keep], hit[keep]
    positives, known = int(y.sum()), int(keep.sum())
    tp, fp = int((hit & y).sum()), int((hit & ~y).sum())
    nan = float("nan")
    tpr = tp / positives if positives else nan
    tnr = 1 - fp / (known - positives) if positives < known else nan
    if positives in (0, known):
        return positives, known, nan, tpr, tnr, nan, nan
    precision = tp / (tp + fp) if tp + fp else 0.0
    f1 = 2 * tp / (2 * tp + fp + positives - tp)
    return positives, known, AVERAGE_PRECISIONS[ap](y, p), tpr, tnr, precision, f1
