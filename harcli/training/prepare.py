"""The data of a run: its samples, and the attributes that are learnt from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import ATTRIBUTES
from harcli.datasets import boxed, labels_of, load, own_attributes
from harcli.datasets.masks import with_masks
from harcli.datasets.sample import SHARED_SPLIT, Sample
from harcli.errors import HarcliError
from harcli.training.spec import RunSpec


def split_of(spec: RunSpec) -> str:
    """The split that was asked for, or the usual one: published for own labels, ours for shared ones."""
    return spec.split or ("" if spec.own_labels else SHARED_SPLIT)


def read_samples(spec: RunSpec) -> list[Sample]:
    """The samples of a run's data sets, with boxes and masks where they were given."""
    if spec.own_labels and len(spec.datasets) > 1:
        raise HarcliError("own labels are those of one data set; several train together under --labels shared")
    samples = boxed(load(spec.datasets, Path(spec.root), split_of(spec)), Path(spec.boxes) if spec.boxes else None)
    if spec.masks:
        samples = with_masks(samples, Path(spec.masks))
    return samples


def attributes_to_learn(spec: RunSpec, training: Sequence[Sample], started: Sequence[str] = ()) -> list[str]:
    """The published labels of the data set; or the canonical attributes that have enough labels.

    A run that goes on from a network of canonical attributes keeps these: of what a few corrections do not tell, it
    knows what it has learnt.

    Args:
        started: the attributes of the network that the run starts from, if it does from one.

    Raises:
        HarcliError: there is nothing to train on.
    """
    where = f"{spec.root}: no training images in {', '.join(spec.datasets)} (split {split_of(spec) or 'published'})"
    if not training:
        raise HarcliError(where)
    if spec.own_labels:
        return own_attributes(spec.datasets, Path(spec.root))
    if started and set(started) <= set(ATTRIBUTES):
        return list(started)
    labels = labels_of(training, list(ATTRIBUTES))
    attributes = learnable(labels, spec.min_positives)
    if not attributes:
        raise HarcliError(f"{where} with enough labels; see --min-positives")
    return attributes


def learnable(labels: NDArray[np.int8], min_positives: int) -> list[str]:
    """The attributes with at least `min_positives` positive labels and any negative one.

    Args:
        labels: `(N, A)` of the training part: 1, 0, -1; columns in the order of `ATTRIBUTES`.
    """
    positives, negatives = (labels == 1).sum(axis=0), (labels == 0).sum(axis=0)
    return [name for i, name in enumerate(ATTRIBUTES) if positives[i] >= max(1, min_positives) and negatives[i]]


def spaced(samples: Sequence[Sample], count: int) -> list[Sample]:
    """At most `count` samples of each data set, evenly spaced: for a quick look while training."""
    chosen: list[Sample] = []
    for name in dict.fromkeys(s.dataset for s in samples):
        of_set = [s for s in samples if s.dataset == name]
        chosen += of_set[:: -(-len(of_set) // count)]
    return chosen
