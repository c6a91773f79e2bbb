"""Probabilities that mean what they say: of the people given 0.8, eight in ten have the attribute.

Platt's scaling (Platt 1999; Guo et al. 2017): `sigmoid(scale * logit + shift)` with two numbers for each attribute,
fitted on a validation part. Rare attributes have few positives there, so each pair is drawn towards the one that fits
all attributes together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EDGE = 1e-6  # probabilities are kept this far from 0 and 1
_SPREAD = 0.35  # how far an attribute's scale and shift may lie from those of all without strong evidence
_STEPS = 50


def logits(probabilities: NDArray[np.floating]) -> Floats:
    """The logits of probabilities, of any shape."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), _EDGE, 1 - _EDGE)
    return np.log(p / (1 - p))


def calibrated(probabilities: NDArray[np.floating], scale: Floats, shift: Floats) -> NDArray[np.float32]:
    """Probabilities `(N, A)` after `scale` and `shift` `(A,)`."""
    return (1 / (1 + np.exp(-(logits(probabilities) * scale + shift)))).astype(np.float32)


def fit(labels: NDArray[np.int8], probabilities: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Scale and shift `(A,)` of each attribute; an attribute without known labels gets those of all together.

    Args:
        labels: `(N, A)`: 1, 0, below 0 for unknown.
        probabilities: `(N, A)` in 0..1.
    """
    z = logits(probabilities)
    known = labels >= 0
    together = _platt(z[known], labels[known] == 1, np.array([1.0, 0.0]), np.inf)
    pairs = [
        _platt(z[known[:, i], i], labels[known[:, i], i] == 1, together, _SPREAD) if known[:, i].any() else together
        for i in range(labels.shape[1])
    ]
    scale, shift = np.array(pairs).reshape(-1, 2).T
    return scale, shift


def expected_error(labels: NDArray[np.int8], probabilities: NDArray[np.floating], bins: int = 15) -> float:
    """Expected calibration error over all known labels: how far the mean probability of a bin lies from the share of
    positives in it, weighted by the bins' sizes (Guo et al. 2017, equation 3; bins of equal width of the probability
    that the attribute holds). NaN without known labels."""
    known = labels >= 0
    y, p = labels[known] == 1, np.asarray(probabilities, dtype=np.float64)[known]
    if not len(y):
        return float("nan")
    of = np.minimum((p * bins).astype(int), bins - 1)
    counts = np.bincount(of, minlength=bins)
    gaps = np.abs(np.bincount(of, p, bins) - np.bincount(of, y, bins))
    return float(gaps.sum() / counts.sum())


def _platt(z: Floats, y: NDArray[np.bool_], around: Floats, spread: float) -> Floats:
    """`(scale, shift)` of highest likelihood under a Gaussian prior, by Newton's method; scale stays above 0.1."""
    pair = around.copy()
    design = np.stack([z, np.ones_like(z)], axis=1)
    precision = np.eye(2) * (0.0 if np.isinf(spread) else 1 / spread**2) + np.eye(2) * 1e-3
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-(design @ pair)))
        gradient = design.T @ (p - y) + precision @ (pair - around)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + precision
        step = np.linalg.solve(curvature, gradient)
        pair = pair - np.clip(step, -1, 1)
        pair[0] = max(pair[0], 0.1)
        if np.abs(step).max() < 1e-8:
            break
    return pair
