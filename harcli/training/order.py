"""Which sample is trained on when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harcli.datasets.sample import Sample


def sample_order(samples: Sequence[Sample], count: int, weights: Mapping[str, float], seed: int) -> NDArray[np.int64]:
    """Indices of `count` samples to train on, one after the other.

    A data set is drawn by its weight (default: its number of samples); within a data set, each sample comes once
    before any comes again.
    """
    rng = np.random.default_rng(seed)
    groups: dict[str, NDArray[np.int64]] = {}
    for name in sorted({s.dataset for s in samples}):
        groups[name] = np.array([i for i, s in enumerate(samples) if s.dataset == name])
    shares = np.array([weights.get(name, float(len(group))) for name, group in groups.items()])
    drawn = rng.choice(len(groups), size=count, p=shares / shares.sum())
    order = np.empty(count, dtype=np.int64)
    for k, group in enumerate(groups.values()):
        places = np.flatnonzero(drawn == k)
        rounds = [rng.permutation(group) for _ in range(-(-len(places) // len(group)))]
        order[places] = np.concatenate(rounds)[: len(places)] if rounds else []
    return order
