"""What a training run is: every figure that the paper leaves open, with its default."""

from __future__ import annotations

from dataclasses import dataclass, field

from harcli.errors import HarcliError


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Settings of one run; they are kept in the checkpoint.

    Attributes:
        iterations: optimiser steps.
        batch: images a step.
        size: `(height, width)` of the input, multiples of 32.
        small_size: `(height, width)` used for the first `small_share` of the iterations: coarse views first teach most
            of what there is to learn for a fraction of the time.
        lr, head_lr: highest AdamW rates of the pretrained backbone and of the new layers; cosine decay to 0 after a
            linear warm-up over the first 5 %.
        mask_weight: weight of the mask loss; 0 leaves the mask branch unsupervised.
        frozen_stages: the stem and this many stages of the backbone keep their pretrained weights and statistics.
        weights: sampling weight by data set; default: its number of samples.
        bf16: compute in bfloat16 where it is safe (fast only on processors that have it).
    """

    iterations: int = 1000
    batch: int = 32
    size: tuple[int, int] = (192, 96)
    small_size: tuple[int, int] = (128, 64)
    small_share: float = 0.0
    lr: float = 2e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.02
    mask_weight: float = 1.0
    frozen_stages: int = 1
    weights: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    bf16: bool = False

    def __post_init__(self) -> None:
        for height, width in (self.size, self.small_size):
            if height % 32 or width % 32 or height <= 0 or width <= 0:
                raise HarcliError(f"size {height}x{width}: height and width must be multiples of 32")
        if self.iterations < 1 or self.batch < 2:
            raise HarcliError("a run needs at least 1 iteration and 2 images a batch")

    def size_at(self, iteration: int) -> tuple[int, int]:
        """The input size of an iteration."""
        return self.small_size if iteration < self.small_share * self.iterations else self.size
