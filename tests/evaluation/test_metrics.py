"""Metrics against scikit-learn and against numbers worked by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, precision_score, recall_score

from harcli.evaluation.metrics import average_precision, choose_threshold, equal_shares, evaluate


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
        hit = p >= 0.5
        assert scores.ap[i] == pytest.approx(average_precision_score(y, p))
        assert scores.ma[i] == pytest.approx(balanced_accuracy_score(y, hit))
        assert scores.f1[i] == pytest.approx(f1_score(y, hit))
        assert scores.precision[i] == pytest.approx(precision_score(y, hit))
        assert scores.recall[i] == pytest.approx(recall_score(y, hit))


def test_average_precision_by_hand() -> None:
    # hits at ranks 1 and 3: (1/1 + 2/3) / 2
    assert average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6]) == pytest.approx((1 + 2 / 3) / 2)


def test_unknown_labels_count_for_nothing() -> None:
    labels = np.array([[1], [0], [1], [0], [-1], [-1]], np.int8)
    probabilities = np.array([[0.9], [0.8], [0.7], [0.1], [0.99], [0.01]], np.float32)
    with_unknown, without = evaluate(labels, probabilities, 0.5), evaluate(labels[:4], probabilities[:4], 0.5)
    assert with_unknown.known[0] == 4
    assert (with_unknown.ap, with_unknown.ma, with_unknown.f1) == (without.ap, without.ma, without.f1)


def test_attributes_without_positives_or_negatives_are_left_out_of_the_means() -> None:
    labels = np.array([[1, 0, 1], [0, 0, 1]], np.int8)
    scores = evaluate(labels, np.array([[0.9, 0.9, 0.1], [0.1, 0.1, 0.1]], np.float32), 0.5)
    assert np.isnan(scores.ap[1:]).all()
    assert scores.means() == {"mAP": 1.0, "mA": 1.0, "F1": 1.0}


def test_no_prediction_gives_f1_zero() -> None:
    scores = evaluate(np.array([[1], [0]], np.int8), np.array([[0.1], [0.2]], np.float32), 0.5)
    assert (scores.f1[0], scores.precision[0], scores.recall[0], scores.ma[0]) == (0, 0, 0, 0.5)


def test_threshold_maximises_f1_where_precision_allows() -> None:
    truth, p = [1, 1, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert choose_threshold(truth, p, min_precision=0.6) == pytest.approx(0.55)  # 3 of 4 right, all found
    assert choose_threshold(truth, p, min_precision=0.9) == pytest.approx(0.75)  # 2 of 2 right


def test_threshold_speaks_wrongly_of_few_negatives() -> None:
    # Eight of ten have it: calling everybody positive has precision 0.8, but is wrong for every negative.
    truth, p = [1, 1, 1, 1, 1, 0, 1, 1, 1, 0], np.linspace(0.95, 0.05, 10)
    assert choose_threshold(truth, p) < p[8]
    assert p[5] < choose_threshold(truth, p, max_false_rate=0.1) < p[4]


def test_threshold_is_above_all_where_the_most_certain_are_wrong() -> None:
    assert choose_threshold([0, 1], [0.9, 0.8], max_false_rate=0.1) > 0.9


def test_threshold_of_a_hopeless_attribute_is_its_most_precise() -> None:
    truth = [0, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    p = np.linspace(0.9, 0.1, 10)
    chosen = choose_threshold(truth, p, min_precision=0.6)
    assert p[2] < chosen < p[1]


def test_threshold_without_positives_is_a_half() -> None:
    assert choose_threshold([0, 0], [0.1, 0.9]) == 0.5


def test_weights_are_as_good_as_repeated_samples() -> None:
    truth, p = [1, 0, 1, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5]
    repeated = choose_threshold([1, 0, 1, 1, 1, 0, 1], [0.9, 0.8, 0.7, 0.7, 0.7, 0.6, 0.5], 0.6)
    assert choose_threshold(truth, p, 0.6, weights=[1, 1, 3, 1, 1]) == pytest.approx(repeated)


def test_equal_shares_let_every_data_set_count_alike() -> None:
    weights = equal_shares(np.array(["peta"] * 9 + ["ccp"]))
    assert weights[:9].sum() == pytest.approx(weights[9:].sum())
    assert weights.mean() == pytest.approx(1)
