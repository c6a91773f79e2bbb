"""Samples -> tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, get_worker_info

from harcli.attributes import ATTRIBUTES, UNKNOWN, UNSEEN
from harcli.datasets.sample import Sample
from harcli.datasets.transforms import (
    CONTEXT,
    MARGIN,
    Augment,
    Cutout,
    View,
    corner_view,
    cut_out,
    mask_view,
    normalise,
    plain_view,
    random_view,
)
from harcli.errors import HarcliError
from harcli.photos.errors import PhotoError

# What a view does not show cannot be told from it; of what it shows in part, nothing is known. By group or name.
_BELOW = ("footwear", "lower-colour", "long-pants", "jeans", "shorts", "skirt", "leg-wear")
_AT_THE_HIPS = ("dress", "belt", "bag", "handbag", "plastic-bag", "luggage")
_TORSO = ("upper-body", "pattern", "upper-colour", "sleeve", "style")
UNSEEN_IN: dict[View, tuple[str, ...]] = {
    View.UPPER: _BELOW,
    View.HEAD: (*_BELOW, "carried", "belt"),
    View.LEGS: ("hair", "hair-colour", "head", "neck", *_TORSO),
}
UNKNOWN_IN: dict[View, tuple[str, ...]] = {
    View.UPPER: _AT_THE_HIPS,
    View.HEAD: ("dress", *_TORSO),
    View.LEGS: ("sex", "age", "dress", "carried", "style"),
}

KEPT_BYTES = 1_500_000_000  # of decoded people in memory, all workers together


class Item(NamedTuple):
    """image `(3, H, W)`; labels `(A,)` 1, 0, -1, -2; mask `(H/16, W/16)` 0..1, or all -1 where there is none."""

    image: Tensor
    labels: Tensor
    mask: Tensor


class Views(Dataset[Item]):
    """Item i is a view of `samples[order[i]]` at `size`; augmented where `augment` is given.

    Every random choice of item i comes from `(seed, i)`, so that a resumed run sees the same views. Decoded people are
    kept in memory, up to a limit.
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
        margin: float = MARGIN,
    ) -> None:
        self.samples, self.labels, self.size, self.augment, self.margin = samples, labels, size, augment, margin
        self.order = np.arange(len(samples)) if order is None else order
        self.seed, self.first = seed, first
        self.cache: dict[int, Cutout] = {}
        self.kept = 0  # bytes in it
        # A training view shows a part of the person, the paper's down to half; what is tested is cut at full size.
        self.kept_height = None if augment is None else round((1 + 2 * CONTEXT) * size[0] * (2 if augment.crops else 1))
        self.unseen = {view: _places(attributes, words) for view, words in UNSEEN_IN.items()}
        self.unknown = {view: _places(attributes, words) for view, words in UNKNOWN_IN.items()}
        self.footwear = _places(attributes, ("footwear",))

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, i: int) -> Item:
        index = int(self.order[i])
        cutout, labels = self._cutout(index), self.labels[index]
        part = View.WHOLE
        rng = np.random.default_rng((self.seed, self.first + i))
        if self.augment is None:
            image, rectangle = plain_view(cutout, self.size, self.margin)
        elif self.augment.crops:
            image, rectangle = corner_view(cutout, self.size, self.margin, self.augment.colour, rng)
        else:
            standing = bool((labels[self.footwear] >= 0).any())  # the feet were seen
            image, rectangle, part = random_view(cutout, self.size, self.augment, rng, self.margin, standing)
        grid = (self.size[0] // 16, self.size[1] // 16)
        mask, pixels = mask_view(cutout, rectangle, grid), normalise(image)
        if self.augment is not None and rng.random() < 0.5:
            pixels = np.ascontiguousarray(pixels[:, :, ::-1])
            mask = None if mask is None else np.ascontiguousarray(mask[:, ::-1])
        if part is not View.WHOLE:
            labels = labels.copy()
            labels[self.unseen[part]] = UNSEEN
            labels[self.unknown[part]] = UNKNOWN
        target = np.full(grid, -1, dtype=np.float32) if mask is None else mask
        return Item(torch.from_numpy(pixels), torch.from_numpy(labels.astype(np.float32)), torch.from_numpy(target))

    def _cutout(self, index: int) -> Cutout:
        """A decoded person; kept, as long as there are not too many."""
        if index in self.cache:
            return self.cache[index]
        try:
            cutout = cut_out(self.samples[index], self.kept_height)
        except PhotoError as error:
            raise HarcliError(str(error)) from error  # passes from a worker to the main process
        worker = get_worker_info()  # each has a memory of its own
        size = cutout.pixels.width * cutout.pixels.height * 4
        if (self.kept + size) * (worker.num_workers if worker else 1) <= KEPT_BYTES:
            self.cache[index] = cutout
            self.kept += size
        return cutout


def _places(attributes: Sequence[str], words: Sequence[str]) -> list[int]:
    """Where the attributes stand that are among the words, by name or by group."""
    groups = {name: attribute.group for name, attribute in ATTRIBUTES.items()}
    return [i for i, name in enumerate(attributes) if name in words or groups.get(name) in words]
