"""Thresholds: chosen on a validation part, or read from the figures of an earlier evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.evaluation.metrics import Floats


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


LEVELS: dict[str, tuple[float, float]] = {"sure": (0.9, 0.94), "": (0.8, 0.87), "more": (0.6, 0.7)}
"""The precision that a level of tags aims at, of each attribute's and of all together: `harcli tag --sure`, without a
word, and `--more`."""
_TRUST = 12  # how many predictions the calibrated probabilities count for, against what is counted


def threshold_for(truth: ArrayLike, probabilities: ArrayLike, target: float) -> float:
    """The lowest threshold from which on tags are true as often as `target`.

    A validation part has few people with a rare attribute, and the luckiest of many thresholds looks better than it
    is. So the precision from a threshold on is the count's, blended with what the calibrated probabilities themselves
    promise there: as if `_TRUST` more people had been seen of whom that share was right. Where no threshold reaches the
    target, it lies above all predictions: no tag is given.

    Args:
        truth: `(N,)` of 0 and 1.
        probabilities: `(N,)` in 0..1, calibrated on this part.
    """
    y, p = np.asarray(truth, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    order = np.argsort(-p, kind="stable")
    y, p = y[order], p[order]
    count = np.arange(1, len(p) + 1)
    promised = np.cumsum(p) / count
    precision = (np.cumsum(y) + _TRUST * promised) / (count + _TRUST)
    ends = np.append(np.diff(p) != 0, True)  # a threshold cannot part equal predictions
    allowed = np.flatnonzero(ends & (precision >= target))
    if not len(allowed):
        return float((1 + p[0]) / 2) if len(p) else 1.0
    last = allowed[-1]
    below = p[last + 1] if last + 1 < len(p) else 0.0
    return float((p[last] + below) / 2)


def reach(truth: ArrayLike, probabilities: ArrayLike, least_recall: float = 0.1) -> float | None:
    """The highest precision of any threshold that finds more than `least_recall` of the positives; None without any."""
    y, p = np.asarray(truth, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    if not y.any():
        return None
    order = np.argsort(-p, kind="stable")
    y, p = y[order], p[order]
    tp, count = np.cumsum(y), np.arange(1, len(y) + 1)
    ends = np.append(np.diff(p) != 0, True) & (tp / tp[-1] > least_recall)
    return float((tp / count)[ends].max())


def equal_shares(groups: NDArray[np.str_]) -> Floats:
    """Weights `(N,)` that let every group count alike, however many samples it has; their mean is 1.

    With them a large data set of small surveillance crops does not decide the thresholds for photos alone.
    """
    names, which, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weights: Floats = len(groups) / (len(names) * counts[which])
    return weights


def thresholds_of(
    attributes: Sequence[str],
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float32],
    sources: Sequence[str],
    min_precision: float,
    max_false_rate: float,
) -> dict[str, float]:
    """The threshold of each attribute by `choose_threshold`, from those whose label is known; each data set counts as
    much as any other.

    Args:
        labels, probabilities: `(N, A)`.
        sources: of N samples, the data set.
    """
    limits = {}
    for i, name in enumerate(attributes):
        known = labels[:, i] >= 0
        shares = equal_shares(np.array(sources)[known])
        limits[name] = choose_threshold(
            labels[known, i] == 1, probabilities[known, i], min_precision, max_false_rate, shares
        )
    return limits


def read_evaluation(path: Path) -> dict[str, Any]:
    """The JSON of `harcli evaluate --out`: by attribute, a row with at least its threshold.

    Raises:
        HarcliError: the file is missing, or is something else.
    """
    try:
        result = dict(strict_json.loads(path.read_text(encoding="utf-8"), finite=False))
        for row in result["attributes"].values():
            float(row["threshold"])
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarcliError(f"{path}: not the JSON of `harcli evaluate --out`") from error
    return result


def read_thresholds(path: Path, attributes: Sequence[str]) -> dict[str, float]:
    """The thresholds of `attributes` in the JSON of an evaluation; it may hold more.

    Raises:
        HarcliError: the file is missing, is something else, or is of a model with other attributes.
    """
    found = {name: float(row["threshold"]) for name, row in read_evaluation(path)["attributes"].items()}
    if missing := [name for name in attributes if name not in found]:
        raise HarcliError(
            f"{path}: has no threshold for {listed(missing)}; it is of another model: evaluate this one with "
            "--part val --choose-thresholds --out FILE"
        )
    if odd := [name for name in attributes if not 0 <= found[name] <= 1]:
        raise HarcliError(f"{path}: the threshold of {listed(odd)} is not in 0..1")
    return {name: found[name] for name in attributes}


def listed(names: Sequence[str], most: int = 5) -> str:
    """`a, b and 7 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
