"""How good the network is while it learns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harcli.datasets.views import Views
from harcli.evaluation.metrics import evaluate
from harcli.evaluation.predict import predict
from harcli.network import DaHar
from harcli.training.distributed import World

Scorer = Callable[[DaHar, World], dict[str, float]]


def scorer(views: Views) -> Scorer:
    """Scores a network on plain views: mAP, mA and F1 at 0.5 over exactly the samples of `views`.

    Each process predicts every `world.size`-th sample; nothing is counted twice and nothing is left out.
    """

    def score(model: DaHar, world: World) -> dict[str, float]:
        mine = Views(
            views.samples,
            views.labels,
            (),
            views.size,
            order=views.order[world.rank :: world.size],
            margin=views.margin,
        )
        parts = world.gather(predict(model, mine))
        probabilities = np.empty((len(views), views.labels.shape[1]), dtype=np.float32)
        for rank, part in enumerate(parts):
            probabilities[rank :: world.size] = part
        means = evaluate(views.labels[views.order], probabilities, 0.5).means()
        return {f"val {name}": round(value, 4) for name, value in means.items()}

    return score
