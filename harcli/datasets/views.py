"""Samples -> tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from harcli.attributes import ATTRIBUTES
from harcli.datasets.sample import Sample
from harcli.datasets.transforms import (
    MARGIN,
    Augment,
    Cutout,
    cut_out,
    mask_view,
    normalise,
    plain_view,
    random_view,
)

# In a view that ends above the hips these cannot be seen: a tag for them would be a guess, so they count as absent.
UNSEEN_GROUPS = ("footwear",)
UNSEEN_NAMES = ("long-pants", "jeans", "shorts", "skirt", "leg-wear")
UNKNOWN_NAMES = ("dress", "belt", "bag", "handbag", "plastic-bag", "luggage")  # may be, below the picture's edge


class Item(NamedTuple):
    """image `(3, H, W)`; labels `(A,)` 1, 0, -1; mask `(H/16, W/16)` 0..1, or all -1 where there is none."""

    image: Tensor
    labels: Tensor
    mask: Tensor


class Views(Dataset[Item]):
    """Item i is a view of `samples[order[i]]` at `size`; augmented where `augment` is given.

    Every random choice of item i comes from `(seed, i)`, so that a resumed run sees the same views. Decoded people are
    kept in memory.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        labels: NDArray[np.int8],
        attributes: Sequence[str],
        size: tuple[int, int],
        order: NDArray[np.int64] | None = None,
        augment: Augment | None = None,
        seed: int = 0,
        first: int = 0,
        cache: dict[int, Cutout] | None = None,
        margin: float = MARGIN,
    ) -> None:
        self.samples, self.labels, self.size, self.augment = samples, labels, size, augment
        self.order = np.arange(len(samples)) if order is None else order
        self.seed, self.first, self.margin = seed, first, margin
        self.cache: dict[int, Cutout] = {} if cache is None else cache
        self.unseen = [
            i
            for i, n in enumerate(attributes)
            if n in UNSEEN_NAMES or (n in ATTRIBUTES and ATTRIBUTES[n].group in UNSEEN_GROUPS)
        ]
        self.unknown = [i for i, n in enumerate(attributes) if n in UNKNOWN_NAMES]

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, i: int) -> Item:
        index = int(self.order[i])
        if index not in self.cache:
            self.cache[index] = cut_out(self.samples[index])
        cutout, labels = self.cache[index], self.labels[index]
        grid = (self.size[0] // 16, self.size[1] // 16)
        if self.augment is None:
            image, rectangle = plain_view(cutout, self.size, self.margin)
            mask = mask_view(cutout, rectangle, grid)
            pixels = normalise(image)
        else:
            rng = np.random.default_rng((self.seed, self.first + i))
            image, rectangle, upper = random_view(cutout, self.size, self.augment, rng)
            mask = mask_view(cutout, rectangle, grid)
            pixels = normalise(image)
            if rng.random() < 0.5:
                pixels = np.ascontiguousarray(pixels[:, :, ::-1])
                mask = None if mask is None else np.ascontiguousarray(mask[:, ::-1])
            if upper:
                labels = labels.copy()
                labels[self.unseen] = np.where(labels[self.unseen] >= 0, 0, -1)
                labels[self.unknown] = -1
        target = np.full(grid, -1, dtype=np.float32) if mask is None else mask
        return Item(torch.from_numpy(pixels), torch.from_numpy(labels.astype(np.float32)), torch.from_numpy(target))
