"""Instance metrics against scikit-learn, against loops of the public protocols, and by hand."""

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import jaccard_score, precision_recall_fscore_support

from harcli.evaluation.instance import CONVENTIONS, instance_scores

CHANCE = [0.6, 0.3, 0.1, 0.5, 0.0, 1.0]  # also attributes without positives and without negatives


def random_case(seed: int, chance: list[float] = CHANCE) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Labels and probabilities; some samples have no positives, some no predictions, some neither."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((40, len(chance))) < chance).astype(np.int8)
    probabilities = rng.random(labels.shape).astype(np.float32)
    labels[:4] = 0
    probabilities[2:8] *= 0.4
    return labels, probabilities


@pytest.mark.parametrize("seed", range(20))
def test_rethinking_and_per_sample_f1_agree_with_scikit_learn(seed: int) -> None:
    labels, probabilities = random_case(seed)
    for name, threshold in (("rethinking", 0.5), ("per-sample-f1", 0.45)):
        assert CONVENTIONS[name].threshold == threshold
        ours = instance_scores(labels, probabilities, threshold, name)
        predicted = probabilities > threshold
        precision, recall, f1, _ = precision_recall_fscore_support(
            labels, predicted, average="samples", zero_division=0
        )
        assert ours.precision == pytest.approx(precision)
        assert ours.recall == pytest.approx(recall)
        assert ours.accuracy == pytest.approx(jaccard_score(labels, predicted, average="samples", zero_division=0))
        of_means = 2 * precision * recall / (precision + recall)
        assert ours.f1 == pytest.approx(f1 if name == "per-sample-f1" else of_means)


def rap_matlab(labels: NDArray[np.int8], predicted: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """RAP's protocol as its paper and code have it, in loops: what has an empty denominator is not summed."""
    sums, counts = [0.0, 0.0, 0.0], [0, 0, 0]
    for y, f in zip(labels, predicted, strict=True):
        both = sum(1 for a, b in zip(y, f, strict=True) if a == 1 and b)
        either = sum(1 for a, b in zip(y, f, strict=True) if a == 1 or b)
        for i, whole in enumerate((either, sum(f), sum(y == 1))):
            if whole:
                sums[i] += both / whole
                counts[i] += 1
    accuracy, precision, recall = (s / c for s, c in zip(sums, counts, strict=True))
    return accuracy, precision, recall, 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("seed", range(20))
def test_rap_matlab_agrees_with_a_loop(seed: int) -> None:
    labels, probabilities = random_case(seed)
    ours = instance_scores(labels, probabilities, 0.5, "rap-matlab")
    expected = rap_matlab(labels, probabilities > 0.5)
    assert (ours.accuracy, ours.precision, ours.recall, ours.f1) == pytest.approx(expected)
    # the conventions differ here, or this would show nothing
    assert ours.recall > instance_scores(labels, probabilities, 0.5, "rethinking").recall + 0.01


@pytest.mark.parametrize("seed", range(5))
def test_conventions_differ_only_by_empty_samples_and_f1(seed: int) -> None:
    labels, probabilities = random_case(seed, [0.5] * 8)
    some = (labels == 1).any(axis=1) & (probabilities > 0.5).any(axis=1)
    ours = [instance_scores(labels[some], probabilities[some], 0.5, name) for name in CONVENTIONS]
    assert ours[0] == ours[1]
    assert (ours[0].accuracy, ours[0].precision) == (ours[2].accuracy, ours[2].precision)


# Four people, three attributes. Y and F: {0, 1} and {0}; {} and {2}; {1} and {}; {} and {}.
LABELS = np.array([[1, 1, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0]], np.int8)
PROBABILITIES = np.array([[0.9, 0.1, 0.1], [0.1, 0.1, 0.8], [0.2, 0.2, 0.2], [0.1, 0.1, 0.1]], np.float32)


@pytest.mark.parametrize(
    ("convention", "accuracy", "precision", "recall", "f1"),
    [
        ("rethinking", 0.5 / 4, 1 / 4, 0.5 / 4, 2 * (1 / 4) * (1 / 8) / (3 / 8)),
        ("rap-matlab", 0.5 / 3, 1 / 2, 0.5 / 2, 2 * (1 / 2) * (1 / 4) / (3 / 4)),
        ("per-sample-f1", 0.5 / 4, 1 / 4, 0.5 / 4, (2 / 3) / 4),
    ],
)
def test_by_hand(convention: str, accuracy: float, precision: float, recall: float, f1: float) -> None:
    ours = instance_scores(LABELS, PROBABILITIES, 0.5, convention)
    assert (ours.accuracy, ours.precision, ours.recall, ours.f1) == pytest.approx((accuracy, precision, recall, f1))
    assert ours.samples == 4


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_unknown_labels_are_in_neither_set(convention: str) -> None:
    """Unknown labels, whatever is predicted for them, and samples of which nothing is known change nothing."""
    more = np.full((4, 2), -1, np.int8)
    labels = np.concatenate([np.hstack([LABELS, more]), np.full((2, 5), -1, np.int8)])
    certain = np.tile(np.array([[0.99, 0.01]], np.float32), (4, 1))
    probabilities = np.concatenate([np.hstack([PROBABILITIES, certain]), np.full((2, 5), 0.99, np.float32)])
    assert instance_scores(labels, probabilities, 0.5, convention) == instance_scores(
        LABELS, PROBABILITIES, 0.5, convention
    )


def test_each_attribute_has_its_threshold() -> None:
    ours = instance_scores(LABELS, PROBABILITIES, [0.95, 0.15, 0.9], "rethinking")
    # F: {}, {}, {1}, {}
    assert (ours.accuracy, ours.precision, ours.recall) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_nothing_known_or_nothing_there(convention: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        none = instance_scores(np.full((3, 2), -1, np.int8), np.full((3, 2), 0.9, np.float32), 0.5, convention)
        empty = instance_scores(np.zeros((3, 2), np.int8), np.full((3, 2), 0.1, np.float32), 0.5, convention)
    assert none.samples == 0
    assert np.isnan([none.accuracy, none.precision, none.recall, none.f1]).all()
    values = [empty.accuracy, empty.precision, empty.recall, empty.f1]
    assert np.isnan(values).all() if convention == "rap-matlab" else values == [0, 0, 0, 0]


def test_all_wrong_is_zero_not_nan() -> None:
    labels, probabilities = np.array([[1, 0]], np.int8), np.array([[0.1, 0.9]], np.float32)
    for convention in CONVENTIONS:
        ours = instance_scores(labels, probabilities, 0.5, convention)
        assert (ours.accuracy, ours.precision, ours.recall, ours.f1) == (0, 0, 0, 0)
