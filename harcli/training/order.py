"""Which sample is trained on when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harcli.datasets.sample import Sample

MOST_REPEATS = 5.0


def repeats(labels: NDArray[np.int8], rare: float) -> NDArray[np.float64]:
    """How often each person comes in one round, `(N,)`, 1 or more: as the rarest of its attributes asks.

    An attribute that the share f of the known labels has asks for sqrt(rare / f) (Gupta et al. 2019, LVIS).

    Args:
        labels: `(N, A)`: 1, 0, below 0 for unknown.
        rare: the share from which on attributes are no longer rare; 0: none is.
    """
    shares = (labels == 1).sum(axis=0) / np.maximum((labels >= 0).sum(axis=0), 1)
    factors = np.sqrt(rare / np.maximum(shares, 1e-9))
    of_each = np.where(labels == 1, factors, 1.0).max(axis=1, initial=1.0)
    return np.asarray(of_each.clip(1.0, MOST_REPEATS))


def sample_order(
    samples: Sequence[Sample],
    count: int,
    weights: Mapping[str, float],
    seed: int,
    often: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Indices of `count` samples to train on, one after the other.

    A data set is drawn by its weight (default: its number of samples); within a data set, each sample comes once
    before any comes again, or as often in a round as `often` says (a fraction by chance).
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
        rounds = [_round(group, often, rng) for _ in range(-(-len(places) // len(group)))]
        order[places] = np.concatenate(rounds)[: len(places)] if rounds else []
    return order


def _round(group: NDArray[np.int64], often: NDArray[np.float64] | None, rng: np.random.Generator) -> NDArray[np.int64]:
    """The places of a group in an order of chance; those that come more often are in it several times."""
    if often is None or (often[group] == 1).all():
        return rng.permutation(group)
    times = np.floor(often[group] + rng.random(len(group))).astype(np.int64)
    return rng.permutation(np.repeat(group, times))
