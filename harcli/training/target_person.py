"""Which of the people found in a crop is the one that the crop is about."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_OVERLAP = 0.2  # IoU with the target's box; below, it is somebody else
SCORE_POWER = 0.5


class Choice(NamedTuple):
    """The chosen instance's index, its score and the IoU of its box with the target's."""

    index: int
    score: float
    overlap: float


def choose(boxes: NDArray[np.float32], scores: NDArray[np.float32], target: NDArray[np.float32]) -> Choice | None:
    if len(boxes) == 0:
        return None
    overlap = overlaps(boxes, target)
    rank = overlap * closeness(boxes, target) * scores**SCORE_POWER
    best = int(rank.argmax())
    if overlap[best] < MIN_OVERLAP:
        return None
    return Choice(best, float(scores[best]), float(overlap[best]))


def overlaps(boxes: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = np.maximum(boxes[:, :2], target[:2]), np.minimum(boxes[:, 2:], target[2:])
    inner = (high - low).clip(0).prod(axis=1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    union = area + (target[2:] - target[:2]).prod() - inner
    return np.asarray(inner / union.clip(1e-6), dtype=np.float32)


def closeness(boxes: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    size = (target[2:] - target[:2]).clip(1e-6)
    away = ((boxes[:, :2] + boxes[:, 2:]) / 2 - (target[:2] + target[2:]) / 2) / size
    return np.asarray(np.exp(-2 * (away**2).sum(axis=1)), dtype=np.float32)
