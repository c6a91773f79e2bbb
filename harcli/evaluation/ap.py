"""Average precision of one attribute, in the two ways that the field reports it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


def average_precision(truth: ArrayLike, scores: ArrayLike) -> float:
    """Average precision of one attribute, non-interpolated, ties taken together, as in scikit-learn.

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


def voc2010_average_precision(truth: ArrayLike, scores: ArrayLike) -> float:
    """Average precision as WIDER-Attribute's and SRN's evaluation has it (`get_mAP_eccv16.m`).

    Precision is made monotone (at each recall the highest precision at that recall or a higher one), and the area under
    all points is taken, as PASCAL VOC does since 2010. Equal scores stay in the order of the samples, as MATLAB's sort
    leaves them, and are points of their own: with many ties the figure depends on that order.

    Args:
        truth: `(N,)` of 0 and 1.
        scores: `(N,)`, higher is more certain.

    Returns:
        0..1, or NaN without positives.
    """
    y = np.asarray(truth, dtype=bool)
    if not y.any():
        return float("nan")
    y = y[np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")]
    precision = np.cumsum(y) / np.arange(1, len(y) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(envelope[y].mean())  # recall grows by 1 / P at each positive


AVERAGE_PRECISIONS: dict[str, Callable[[ArrayLike, ArrayLike], float]] = {
    "sklearn": average_precision,
    "voc2010": voc2010_average_precision,
}
"""What `--ap` may name."""

AP_MEANING = {
    "sklearn": "AP non-interpolated, ties together (scikit-learn)",
    "voc2010": "AP with monotone precision, area under all points (VOC 2010, WIDER-Attribute's code)",
}
