"""Which of the people found in a crop is the one that the crop is about.

A crop shows the target's surroundings too, and often a neighbour who is seen better. So the place decides and the
score only breaks near ties: of the instances whose box overlaps the target's box by at least `MIN_OVERLAP` (IoU), the
one of the highest

    overlap * closeness * score ** SCORE_POWER

is taken. Overlap (IoU of the boxes) holds size and place; closeness, `exp(-2 d^2)` with d the distance of the box
centres in box widths and heights, sets an instance beside the target back further.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_OVERLAP = 0.2  # below, it is somebody else, or a part of somebody
SCORE_POWER = 0.25  # at 1, a sharp neighbour beats a blurred target


class Choice(NamedTuple):
    """The number of the chosen instance, its score (0..1) and the IoU of its box with the target's."""

    instance: int
    score: float
    overlap: float


def choose(boxes: NDArray[np.float32], scores: NDArray[np.float32], target: NDArray[np.float32]) -> Choice | None:
    """The instance that is the target, or None where none overlaps it enough.

    Args:
        boxes: `(N, 4)`, `(x1, y1, x2, y2)` of the people found.
        scores: `(N,)`, 0..1.
        target: `(4,)`, the target's box in the same pixels.
    """
    if len(boxes) == 0:
        return None
    overlap = overlaps(boxes, target)
    rank = np.where(overlap >= MIN_OVERLAP, overlap * closeness(boxes, target) * scores**SCORE_POWER, -1)
    best = int(rank.argmax())
    return Choice(best, float(scores[best]), float(overlap[best])) if rank[best] >= 0 else None


def overlaps(boxes: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(N,)`: IoU of each box with the target's."""
    low, high = np.maximum(boxes[:, :2], target[:2]), np.minimum(boxes[:, 2:], target[2:])
    inner = (high - low).clip(0).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + (target[2:] - target[:2]).prod()
    return np.asarray(inner / (areas - inner).clip(1e-6), dtype=np.float32)


def closeness(boxes: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(N,)`: 1 where a box's centre is the target's, 0.61 half a width (or height) beside it."""
    size = (target[2:] - target[:2]).clip(1e-6)
    away = ((boxes[:, :2] + boxes[:, 2:]) - (target[:2] + target[2:])) / 2 / size
    return np.asarray(np.exp(-2 * (away**2).sum(axis=1)), dtype=np.float32)
