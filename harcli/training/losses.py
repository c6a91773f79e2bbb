"""Losses over known labels only (paper, equation 1), and the joint loss of Da-HAR."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from harcli.network.da_har import DaHarOutput


def masked_bce(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy (equation 1), mean over the labels that are known.

    Args:
        logits: `(N, A)` or any shape.
        labels: the same shape, values in 0..1; negative values are unknown and count for nothing.

    Returns:
        scalar; 0 where nothing is known.
    """
    known = (labels >= 0).float()
    losses = F.binary_cross_entropy_with_logits(logits, labels.clamp(min=0), reduction="none")
    return (losses * known).sum() / known.sum().clamp(min=1)


def joint_loss(output: DaHarOutput, labels: Tensor, mask: Tensor, mask_weight: float) -> Tensor:
    """BCE of the main branch, plus that of the side branch, plus `mask_weight` times that of the mask branch.

    Args:
        labels: `(N, A)`: 1, 0, or -1 for unknown.
        mask: `(N, H/16, W/16)` in 0..1, or -1 for unknown.
    """
    loss = masked_bce(output.main, labels)
    if output.side is not None:
        loss = loss + masked_bce(output.side, labels)
    if output.mask is not None and mask_weight > 0:
        loss = loss + mask_weight * masked_bce(output.mask[:, 0], mask)
    return loss
