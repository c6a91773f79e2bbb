"""What is fitted to a validation part, and travels from `harcli evaluate --calibrate` to `harcli export-onnx`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli.evaluation.calibration import Floats, calibrated, fit
from harcli.evaluation.tags import given_tags, tag_scores
from harcli.evaluation.thresholds import LEVELS, reach, threshold_for


@dataclass(frozen=True, slots=True)
class Fitted:
    """Calibration and thresholds of each attribute.

    Attributes:
        calibration: `(scale, shift)` of the logits.
        levels: thresholds by level and attribute, of calibrated probabilities; keys of `LEVELS`.
        reach: highest precision of any threshold that finds more than a tenth of the positives, or None without any.
    """

    calibration: Mapping[str, tuple[float, float]]
    levels: Mapping[str, Mapping[str, float]]
    reach: Mapping[str, float | None]

    def of(self, names: Sequence[str]) -> tuple[Floats, Floats]:
        """Scale and shift `(A,)` of these attributes."""
        scale, shift = np.array([self.calibration[name] for name in names], dtype=np.float64).reshape(-1, 2).T
        return scale, shift

    def apply(self, probabilities: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities `(N, A)`."""
        return calibrated(probabilities, *self.of(names))

    def as_json(self) -> dict[str, Any]:
        """JSON values, which `fitted_in` reads."""
        return {
            "calibration": {name: [round(v, 6) for v in pair] for name, pair in self.calibration.items()},
            "levels": {level: dict(limits) for level, limits in self.levels.items()},
            "reach": {name: None if v is None else round(v, 4) for name, v in self.reach.items()},
        }


def fit_part(
    labels: NDArray[np.int8], probabilities: NDArray[np.float32], attributes: Sequence[str], judged: NDArray[np.bool_]
) -> Fitted:
    """Fit calibration and thresholds to a part.

    Args:
        labels: `(N, A)`: 1, 0, below 0 for unknown.
        probabilities: `(N, A)` as the network gives them.
        judged: `(N,)`, the people by whom `reach` and the precision of all tags together go.
    """
    scale, shift = fit(labels, probabilities)
    p = calibrated(probabilities, scale, shift)
    known = labels >= 0
    return Fitted(
        {name: (float(scale[i]), float(shift[i])) for i, name in enumerate(attributes)},
        {level: _limits(labels, p, attributes, judged, *targets) for level, targets in LEVELS.items()},
        {
            name: reach(labels[rows, i] == 1, p[rows, i])
            for i, name in enumerate(attributes)
            for rows in [known[:, i] & judged]
        },
    )


def _limits(
    labels: NDArray[np.int8],
    p: NDArray[np.float32],
    attributes: Sequence[str],
    judged: NDArray[np.bool_],
    each: float,
    together: float,
) -> dict[str, float]:
    """Thresholds from which on each attribute's tags reach one precision, and all tags together the other.

    The first must hold among the people who are judged and among the others, where there are any: a bag is easily seen
    in fashion photos, and a tag should be true in others too. For the second, all thresholds below a floor are raised
    to it, the lowest that does.
    """
    rows = [part for part in (judged, ~judged) if part.any()]
    limits = {
        name: max(threshold_for(labels[known, i] == 1, p[known, i], each) for known in _known(labels[:, i], rows))
        for i, name in enumerate(attributes)
    }
    for floor in np.arange(0.0, 1.0, 0.01):
        raised = {name: max(limit, float(floor)) for name, limit in limits.items()}
        scores = tag_scores(labels[judged], given_tags(p[judged], attributes, raised))
        if scores["precision"] is None or scores["precision"] >= together:
            break
    return raised


def _known(labels: NDArray[np.int8], rows: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """The known labels of each kind of people that has positives; all known labels where none has."""
    found = [(labels >= 0) & part for part in rows if (labels[part] == 1).any()]
    return found or [labels >= 0]


def fitted_in(result: Mapping[str, Any]) -> Fitted | None:
    """What the JSON of an evaluation holds; None where nothing was fitted.

    Raises:
        KeyError, TypeError, ValueError: the JSON is not what `Fitted.as_json` gives.
    """
    if "fitted" not in result:
        return None
    values = result["fitted"]
    pairs = {name: (float(a), float(b)) for name, (a, b) in values["calibration"].items()}
    return Fitted(pairs, values["levels"], values["reach"])
