"""Per-attribute metrics against scikit-learn and against numbers worked by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, precision_score, recall_score

from harcli.evaluation.metrics import evaluate, mean


@pytest.mark.parametrize("seed", range(20))
def test_random_inputs_agree_with_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, (60, 3)).astype(np.int8)
    labels[:2, :] = [[0, 0, 0], [1, 1, 1]]
    # one decimal only, so that there are many ties
    probabilities = rng.random((60, 3)).round(1 if seed % 2 else 6).astype(np.float32)
    scores = evaluate(labels, probabilities, 0.5)
    for i in range(3):
        y, p = labels[:, i], probabilities[:, i]
        hit = p > 0.5
        assert scores.ap[i] == pytest.approx(average_precision_score(y, p))
        assert scores.mean_accuracy()[i] == pytest.approx(balanced_accuracy_score(y, hit))
        assert scores.f1[i] == pytest.approx(f1_score(y, hit))
        assert scores.precision[i] == pytest.approx(precision_score(y, hit))
        assert scores.tpr[i] == pytest.approx(recall_score(y, hit))


def test_unknown_labels_count_for_nothing() -> None:
    labels = np.array([[1], [0], [1], [0], [-1], [-1]], np.int8)
    probabilities = np.array([[0.9], [0.8], [0.7], [0.1], [0.99], [0.01]], np.float32)
    with_unknown, without = evaluate(labels, probabilities, 0.5), evaluate(labels[:4], probabilities[:4], 0.5)
    assert with_unknown.known[0] == 4
    assert (with_unknown.ap, with_unknown.tpr, with_unknown.tnr, with_unknown.f1) == (
        without.ap,
        without.tpr,
        without.tnr,
        without.f1,
    )


def test_attributes_without_positives_or_negatives_are_left_out_of_the_means() -> None:
    labels = np.array([[1, 0, 1], [0, 0, 1]], np.int8)
    scores = evaluate(labels, np.array([[0.9, 0.9, 0.1], [0.1, 0.1, 0.1]], np.float32), 0.5)
    assert np.isnan(scores.ap[1:]).all()
    assert [mean(v) for v in (scores.ap, scores.mean_accuracy(), scores.f1)] == [1.0, 1.0, 1.0]
    assert scores.one_sided.tolist() == [False, True, True]


def test_no_prediction_gives_f1_zero() -> None:
    scores = evaluate(np.array([[1], [0]], np.int8), np.array([[0.1], [0.2]], np.float32), 0.5)
    assert (scores.f1[0], scores.precision[0], scores.tpr[0], scores.mean_accuracy()[0]) == (0, 0, 0, 0.5)


def test_one_sided_attributes_count_with_a_rate_of_zero_where_asked() -> None:
    # found; no positives, one of two called positive; no negatives, one of two found; nothing known
    labels = np.array([[1, 0, 1, -1], [0, 0, 1, -1]], np.int8)
    probabilities = np.array([[0.9, 0.9, 0.9, 0.9], [0.1, 0.1, 0.1, 0.1]], np.float32)
    ma = evaluate(labels, probabilities, 0.5).mean_accuracy(count_one_sided=True)
    assert ma[:3].tolist() == [1, 0.25, 0.25]
    assert np.isnan(ma[3])


@pytest.mark.parametrize("seed", range(10))
def test_mean_accuracy_is_that_of_rap_s_matlab_code(seed: int) -> None:
    """A straight loop of the protocol: a denominator of 0 is set to 1."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((12, 6)) < [0.5, 0.1, 0.02, 0.9, 0, 1]).astype(np.int8)
    probabilities = rng.random((12, 6)).astype(np.float32)
    total = 0.0
    for a in range(6):
        tp = tn = positives = negatives = 0
        for label, p in zip(labels[:, a], probabilities[:, a], strict=True):
            positives += label == 1
            negatives += label == 0
            tp += label == 1 and p > 0.5
            tn += label == 0 and p <= 0.5
        total += (tp / (positives or 1) + tn / (negatives or 1)) / 2
    ma = evaluate(labels, probabilities, 0.5).mean_accuracy(count_one_sided=True)
    assert ma.mean() == pytest.approx(total / 6)


def test_a_probability_at_the_threshold_is_not_above_it() -> None:
    scores = evaluate(np.array([[1], [0]], np.int8), np.array([[0.5], [0.5]], np.float32), 0.5)
    assert (scores.tpr[0], scores.tnr[0]) == (0, 1)


@pytest.mark.filterwarnings("error")
def test_nothing_known_has_no_value_and_no_warning() -> None:
    scores = evaluate(np.full((3, 2), -1, np.int8), np.full((3, 2), 0.5, np.float32), 0.5)
    assert all(np.isnan(mean(v)) for v in (scores.ap, scores.mean_accuracy(), scores.f1))
    assert not scores.one_sided.any()
