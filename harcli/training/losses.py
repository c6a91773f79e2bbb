"""Losses over known labels only (paper, equations 1 and 2), and the joint loss of Da-HAR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from harcli.attributes import UNSEEN
from harcli.network.da_har import DaHarOutput
from harcli.training.config import TrainConfig

Total = Callable[[Tensor], Tensor]


def alone(count: Tensor) -> Tensor:
    """The count that a sum is divided by where one process computes alone."""
    return count


def positive_ratios(labels: NDArray[np.int8]) -> NDArray[np.float32]:
    """`(A,)`: the share of positives among the known labels `(N, A)`, kept within one sample of 0 and 1."""
    known = np.maximum((labels >= 0).sum(axis=0), 2)
    positives = np.clip((labels == 1).sum(axis=0), 1, known - 1)
    ratios: NDArray[np.float32] = (positives / known).astype(np.float32)
    return ratios


@dataclass(frozen=True, slots=True)
class Criterion:
    """The loss of one branch's logits.

    Attributes:
        config: kind of loss and its figures.
        ratios: `(A,)` positive ratios of the training part, the omega of equation 2.
    """

    config: TrainConfig
    ratios: Tensor

    def __call__(self, logits: Tensor, labels: Tensor, total: Total = alone, taught: Tensor | None = None) -> Tensor:
        """Sum of the known labels' losses over their count, or over the samples' (`sum_attributes`).

        With a teacher, `teacher_weight` of the loss is the distance to its probabilities, whatever the labels know.

        Args:
            logits: `(N, A)`.
            labels: `(N, A)`: 1, 0, -1 for unknown, which counts for nothing, or -2 for what cannot be seen.
            total: turns the count of this process into the one to divide by, see `harcli.training.distributed`.
            taught: `(N, A)`: the teacher's probabilities, below 0 where it does not know the attribute.
        """
        by_labels = self._by_labels(logits, labels, total)
        if taught is None:
            return by_labels
        share = self.config.teacher_weight
        return (1 - share) * by_labels + share * self._by_teacher(logits, taught, total)

    def _by_teacher(self, logits: Tensor, taught: Tensor, total: Total) -> Tensor:
        """Cross-entropy with the teacher's probabilities, in the unit of `_by_labels`."""
        known = (taught >= 0).float()
        losses = F.binary_cross_entropy_with_logits(logits.float(), taught.clamp(min=0), reduction="none") * known
        count = known.new_tensor(float(len(taught))) if self.config.sum_attributes else known.sum()
        return losses.sum() / total(count).clamp(min=1e-6)

    def _by_labels(self, logits: Tensor, labels: Tensor, total: Total) -> Tensor:
        known = (labels >= 0).float() + self.config.unseen_weight * (labels == UNSEEN).float()
        smoothing = self.config.smoothing
        losses = self._losses(logits.float(), labels.clamp(min=0) * (1 - smoothing) + smoothing / 2) * known
        count = known.new_tensor(float(len(labels))) if self.config.sum_attributes else known.sum()
        return losses.sum() / total(count).clamp(min=1e-6)

    def _losses(self, logits: Tensor, labels: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
        if self.config.loss == "bce":
            return bce
        if self.config.loss == "focal":
            right = torch.exp(-bce)  # probability given to what is true
            return (1 - right) ** self.config.focal_gamma * bce
        weights = labels / (2 * self.ratios) + (1 - labels) / (2 * (1 - self.ratios))  # equation 2 as printed
        if self.config.loss == "weighted":
            return weights * bce
        return (self.config.mixed_share + (1 - self.config.mixed_share) * weights) * bce


def mask_loss(logits: Tensor, mask: Tensor, total: Total = alone) -> Tensor:
    """Binary cross-entropy, mean over the cells of known masks; logits and mask `(N, H/16, W/16)`, -1 unknown."""
    known = (mask >= 0).float()
    losses = F.binary_cross_entropy_with_logits(logits.float(), mask.clamp(min=0), reduction="none")
    return (losses * known).sum() / total(known.sum()).clamp(min=1e-6)


def joint_loss(
    output: DaHarOutput,
    labels: Tensor,
    mask: Tensor,
    criterion: Criterion,
    total: Total = alone,
    taught: Tensor | None = None,
) -> Tensor:
    """The main branch's loss, plus `side_weight` times the side branch's, plus `mask_weight` times the mask branch's.

    Args:
        labels: `(N, A)`: 1, 0, -1 for unknown, -2 for what cannot be seen.
        mask: `(N, H/16, W/16)` in 0..1, or -1 for unknown.
        taught: `(N, A)`: a teacher's probabilities for both branches, see `Criterion`.
    """
    loss = criterion(output.main, labels, total, taught)
    if output.side is not None:
        loss = loss + criterion.config.side_weight * criterion(output.side, labels, total, taught)
    if output.mask is not None and criterion.config.mask_weight > 0:
        loss = loss + criterion.config.mask_weight * mask_loss(output.mask[:, 0], mask, total)
    return loss
