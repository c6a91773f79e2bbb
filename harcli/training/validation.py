"""How good the network is while it learns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harcli.datasets.views import Views
from harcli.evaluation.metrics import evaluate
from harcli.evaluation.predict import predict
from harcli.evaluation.report import Protocol, means
from harcli.network import DaHar
from harcli.training.distributed import World

Scorer = Callable[[DaHar, World], dict[str, float]]
SHOWN = ("mAP", "mA", "F1")


def scorer(views: Views, own_labels: bool) -> Scorer:
    """Scores a network on plain views: mAP, mA and instance F1 at 0.5, over exactly the samples of `views`.

    Each process predicts every `world.size`-th sample; nothing is counted twice and nothing is left out. A figure that
    these samples do not define (no attribute has positives and negatives) is left out.
    """

    shares: dict[int, Views] = {}  # of this process; it keeps the decoded images

    def score(model: DaHar, world: World) -> dict[str, float]:
        if world.rank not in shares:
            order = views.order[world.rank :: world.size]
            shares[world.rank] = Views(views.samples, views.labels, (), views.size, order, margin=views.margin)
        mine = shares[world.rank]
        parts = world.gather(predict(model, mine))
        probabilities = np.empty((len(views), views.labels.shape[1]), dtype=np.float32)
        for rank, part in enumerate(parts):
            probabilities[rank :: world.size] = part
        labels = views.labels[views.order]
        limits = np.full(labels.shape[1], 0.5)
        figures = means(
            evaluate(labels, probabilities, limits), labels, probabilities, limits, Protocol(own=own_labels)
        )
        return {f"val {name}": value for name in SHOWN if (value := figures[name]) is not None}

    return score
