"""How true the tags are that `harcli tag` gives: after contradictions are settled, all attributes together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import UNSEEN, resolve_tags
from harcli.evaluation.calibration import expected_error

Given = NDArray[np.bool_]


def given_tags(probabilities: NDArray[np.float32], attributes: Sequence[str], thresholds: Mapping[str, float]) -> Given:
    """Which tags each person gets, `(N, A)`: at or above the thresholds, contradictions settled."""
    limits = [thresholds[name] for name in attributes]
    places = {name: i for i, name in enumerate(attributes)}
    given = np.zeros(probabilities.shape, dtype=np.bool_)
    for row, values in zip(given, probabilities.tolist(), strict=True):
        row[[places[name] for name in resolve_tags(attributes, values, limits)]] = True
    return given


def tag_scores(labels: NDArray[np.int8], given: Given) -> dict[str, Any]:
    """Of all tags together, over known labels: how many are given, how many of them true, how many true ones given.

    `precision`: true tags given / tags given. `recall`: true tags given / true tags. `unseen`: tags given on what
    labels by eye say cannot be seen, which precision leaves out. None where there is nothing to rate.
    """
    known = labels >= 0
    true = labels == 1
    count, right, there = int((given & known).sum()), int((given & true).sum()), int(true.sum())
    return {
        "given": count,
        "true": right,
        "precision": round(right / count, 4) if count else None,
        "recall": round(right / there, 4) if there else None,
        "unseen": int((given & (labels == UNSEEN)).sum()),
    }


def tags_report(
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float32],
    attributes: Sequence[str],
    thresholds: Mapping[str, float],
) -> dict[str, Any]:
    """`tag_scores` of all, `precision` and `recall` of each attribute's tags, the expected calibration error."""
    given = given_tags(probabilities, attributes, thresholds)
    error = expected_error(labels, probabilities)
    return {
        **tag_scores(labels, given),
        "calibration error": None if np.isnan(error) else round(error, 4),
        "attributes": {name: tag_scores(labels[:, i], given[:, i]) for i, name in enumerate(attributes)},
    }
