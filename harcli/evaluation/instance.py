"""Instance (example-based) metrics: how well the whole description of each person fits.

For one sample, Y is the set of its positive labels and F the set of attributes predicted positive, both among the
attributes that are known of it: accuracy |Y & F| / |Y | F|, precision |Y & F| / |F|, recall |Y & F| / |Y|. The public
codes differ in what becomes of a sample without Y or F, and in F1; `CONVENTIONS` has three of them. An attribute that
is unknown of a sample is in neither set, and a sample of which nothing is known is left out of every mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harcli.evaluation.metrics import Floats, above, mean


@dataclass(frozen=True, slots=True)
class Convention:
    """How one public code takes the means.

    Attributes:
        empty_counts: a fraction over an empty set is 0 and counts; otherwise the sample is left out of that mean.
        per_sample_f1: F1 is the mean of the samples' F1; otherwise it is 2PR / (P + R) of mean precision and recall.
        threshold: of the published code.
        meaning: the above in words, with the source.
    """

    empty_counts: bool
    per_sample_f1: bool
    threshold: float
    meaning: str


CONVENTIONS = {
    "rethinking": Convention(
        *(True, False, 0.5),
        "as Rethinking_of_PAR's pedestrian_metrics.py: a sample without true or predicted attributes counts 0, "
        "F1 from mean precision and mean recall",
    ),
    "rap-matlab": Convention(
        *(False, False, 0.5),
        "as RAP's rap_evaluation.m: a sample without true attributes is left out of recall, one without predicted "
        "attributes out of precision, one without either out of accuracy, F1 from mean precision and mean recall",
    ),
    "per-sample-f1": Convention(
        *(True, True, 0.45),
        "as VTB's and OpenPAR's function.py: a sample without true or predicted attributes counts 0, "
        "F1 is the mean of the samples' F1",
    ),
}
"""What `--convention` may name. mA is the same in all three."""


@dataclass(frozen=True, slots=True)
class InstanceScores:
    """Means over samples, 0..1; NaN where no sample counts. `samples` is how many have any known label."""

    samples: int
    accuracy: float
    precision: float
    recall: float
    f1: float


def instance_scores(
    labels: NDArray[np.int8], probabilities: NDArray[np.float32], thresholds: ArrayLike, convention: str = "rethinking"
) -> InstanceScores:
    """Accuracy, precision, recall and F1 of samples.

    Args:
        labels: `(N, A)`: 1, 0, or -1 for unknown.
        probabilities: `(N, A)` in 0..1.
        thresholds: `(A,)` or one number; predicted positive is `probability > threshold`.
        convention: a key of `CONVENTIONS`.
    """
    rule = CONVENTIONS[convention]
    known = labels >= 0
    somewhat = known.any(axis=1)
    true = (labels == 1)[somewhat]
    predicted = (above(probabilities, thresholds) & known)[somewhat]
    both = (true & predicted).sum(axis=1)
    y, f = true.sum(axis=1), predicted.sum(axis=1)
    empty = 0.0 if rule.empty_counts else float("nan")
    accuracy, precision, recall = (mean(_fraction(both, of, empty)) for of in (y + f - both, f, y))
    if rule.per_sample_f1:
        f1 = mean(_fraction(2 * both, y + f, empty))
    else:
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return InstanceScores(int(somewhat.sum()), accuracy, precision, recall, f1)


def _fraction(part: NDArray[np.int64], whole: NDArray[np.int64], empty: float) -> Floats:
    """`part / whole`, and `empty` where there is no whole."""
    return np.where(whole > 0, part / np.maximum(whole, 1), empty)
