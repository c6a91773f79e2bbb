"""Which of the overlapping boxes to keep."""

from __future__ import annotations

import numpy as np


def iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of every pair: `(N, 4)` and `(M, 4)` xyxy boxes to `(N, M)`, 0..1."""
    corner = np.maximum(boxes[:, None, :2], others[None, :, :2])
    far_corner = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(far_corner - corner, 0, None).prod(axis=2)
    areas, other_areas = ((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes, others))
    union = areas[:, None] + other_areas[None, :] - shared
    ratio: np.ndarray = shared / np.maximum(union, 1e-9)
    return ratio


def nms(boxes: np.ndarray, scores: np.ndarray, overlap: float) -> list[int]:
    """Indices of the boxes to keep, best score first: those that no better kept box overlaps by more than `overlap`.

    Args:
        boxes: `(N, 4)` xyxy.
        scores: `(N,)`.
        overlap: the highest IoU that two kept boxes may have.
    """
    kept: list[int] = []
    left = np.argsort(-scores, kind="stable")
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        left = left[iou(boxes[best : best + 1], boxes[left])[0] <= overlap]
    return kept
