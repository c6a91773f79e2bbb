"""Average precision against scikit-learn, against a loop of the official code, and by hand."""

import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from harcli.evaluation.ap import average_precision, voc2010_average_precision
from harcli.evaluation.metrics import evaluate


def official(scores: list[float], labels: list[int]) -> float:
    """`get_mAP_eccv16.m` in plain loops: labels 1, -1 and 0, which is in neither count."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])  # stable, as MATLAB's sort
    truths = sum(label == 1 for label in labels)
    tp = fp = 0
    recalls, precisions = [0.0], [0.0]
    for i in order:
        tp += labels[i] == 1
        fp += labels[i] == -1
        recalls.append(tp / truths)
        precisions.append(tp / (tp + fp) if tp + fp else 0.0)  # NaN there, which max() passes over
    recalls.append(1.0)
    precisions.append(0.0)
    for i in range(len(precisions) - 2, -1, -1):
        precisions[i] = max(precisions[i], precisions[i + 1])
    steps = zip(recalls[1:], recalls, precisions[1:], strict=False)
    return sum((after - before) * precision for after, before, precision in steps)


def test_by_hand() -> None:
    # hits at ranks 1 and 3: precisions 1/1 and 2/3
    assert average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6]) == pytest.approx((1 + 2 / 3) / 2)
    # hits at ranks 2, 3, 5: precisions 1/2, 2/3, 3/5, of which the first is raised to 2/3
    assert voc2010_average_precision([0, 1, 1, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5]) == pytest.approx((4 / 3 + 3 / 5) / 3)
    assert average_precision([0, 1, 1, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5]) == pytest.approx((1 / 2 + 2 / 3 + 3 / 5) / 3)


@pytest.mark.parametrize("seed", range(30))
def test_voc2010_is_the_official_code_with_ties_and_unknown_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 2, 50).astype(np.int8)  # ours: 1, 0, -1 unknown
    labels[:2] = (0, 1)
    probabilities = rng.random(50).round(1 if seed % 2 else 6).astype(np.float32)
    theirs = [{1: 1, 0: -1, -1: 0}[int(label)] for label in labels]
    expected = official(probabilities.tolist(), theirs)
    assert evaluate(labels[:, None], probabilities[:, None], 0.5, "voc2010").ap[0] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(10))
def test_sklearn_drops_unknown_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 2, 50).astype(np.int8)
    probabilities = rng.random(50).round(1).astype(np.float32)
    known = labels >= 0
    expected = average_precision_score(labels[known], probabilities[known])
    assert evaluate(labels[:, None], probabilities[:, None], 0.5).ap[0] == pytest.approx(expected)


def test_ties_keep_the_order_of_the_samples_in_voc2010_only() -> None:
    tied = [0.5, 0.5]
    assert voc2010_average_precision([1, 0], tied) == 1
    assert voc2010_average_precision([0, 1], tied) == 0.5
    assert average_precision([1, 0], tied) == average_precision([0, 1], tied) == 0.5


@pytest.mark.parametrize("ap", [average_precision, voc2010_average_precision])
def test_one_kind_of_label(ap) -> None:  # type: ignore[no-untyped-def]
    assert math.isnan(ap([0, 0], [0.3, 0.4]))
    assert math.isnan(ap([], []))
    assert ap([1, 1], [0.3, 0.4]) == 1
