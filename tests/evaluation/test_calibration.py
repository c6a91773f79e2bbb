"""Calibration, its error, the thresholds that follow, and how they travel."""

import numpy as np
import pytest

from harcli.evaluation.calibration import calibrated, expected_error, fit, logits
from harcli.evaluation.fitted import fit_part, fitted_in
from harcli.evaluation.tags import given_tags, tag_scores, tags_report
from harcli.evaluation.thresholds import reach, threshold_for


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def people(count: int, scale: float, shift: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and overconfident probabilities: the truth is sigmoid(scale * logit + shift)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-1, 2, (count, 1))
    labels = (rng.random((count, 1)) < sigmoid(scale * z + shift)).astype(np.int8)
    return labels, sigmoid(z).astype(np.float32)


def test_a_wrong_scale_and_shift_are_found() -> None:
    labels, p = people(20000, 0.5, 0.7)
    scale, shift = fit(labels, p)
    assert scale[0] == pytest.approx(0.5, abs=0.05)
    assert shift[0] == pytest.approx(0.7, abs=0.08)
    assert expected_error(labels, p) > 0.08
    assert expected_error(labels, calibrated(p, scale, shift)) < 0.015


def test_few_labels_stay_near_what_fits_all() -> None:
    labels, p = people(5000, 1.0, 0.0)
    rare = np.full((5000, 1), -1, np.int8)
    rare[:3] = [[1], [1], [0]]
    none = np.full((5000, 1), -1, np.int8)
    scale, shift = fit(np.hstack([labels, rare, none]), np.hstack([p, p, p]))
    assert abs(scale[1] - scale[0]) < 0.4
    assert abs(shift[1] - shift[0]) < 0.6
    assert (scale[2], shift[2]) == pytest.approx((1.0, 0.0), abs=0.1)


def test_separable_labels_stay_finite() -> None:
    labels = np.array([[1], [1], [0], [0]], np.int8)
    scale, shift = fit(labels, np.array([[1.0], [0.9], [0.1], [0.0]], np.float32))
    assert np.isfinite([scale, shift]).all()
    assert scale[0] > 0


def test_expected_error_by_hand() -> None:
    labels = np.array([[1, 0], [0, 0], [1, -1]], np.int8)
    p = np.array([[0.95, 0.15], [0.95, 0.15], [0.15, 0.95]], np.float32)
    # bin of 0.95: 2 people, 1 positive: |1.9 - 1|; bin of 0.15: 3, 1 positive: |0.45 - 1|; the unknown one counts not
    assert expected_error(labels, p) == pytest.approx((0.9 + 0.55) / 5, abs=1e-6)
    assert np.isnan(expected_error(-np.ones((2, 1), np.int8), p[:2, :1]))


def test_logits_of_certain_probabilities_are_finite() -> None:
    assert np.isfinite(logits(np.array([0.0, 1.0]))).all()


def test_threshold_for_is_the_lowest_that_holds_the_precision() -> None:
    p = np.linspace(0.999, 0.001, 2000)
    y = np.random.default_rng(1).random(2000) < p  # calibrated: precision from t on is about (1 + t) / 2
    assert threshold_for(y, p, 0.9) == pytest.approx(0.8, abs=0.05)
    assert threshold_for(y, p, 0.6) == pytest.approx(0.2, abs=0.05)
    assert threshold_for(y, p, 0.9) > threshold_for(y, p, 0.8) > threshold_for(y, p, 0.6)


def test_two_lucky_predictions_are_not_trusted() -> None:
    y, p = np.array([1, 1, 0, 0, 0]), np.array([0.3, 0.29, 0.28, 0.1, 0.1])
    assert threshold_for(y, p, 0.8) > 0.3  # the count alone says 1.0, the probabilities 0.3
    assert threshold_for([], [], 0.8) == 1.0


def test_reach_needs_some_recall() -> None:
    y = np.array([1, *[0] * 3, *[1] * 9, *[0] * 7])
    p = np.linspace(0.9, 0.1, 20)
    assert reach(y, p) == pytest.approx(10 / 13)  # the first alone finds a tenth, not more
    assert reach(np.zeros(3), np.ones(3)) is None


def test_tags_are_counted_after_contradictions() -> None:
    names = ["male", "female", "hat"]
    labels = np.array([[1, 0, -2], [0, 1, 0], [-1, -1, 1]], np.int8)
    p = np.array([[0.9, 0.6, 0.9], [0.7, 0.6, 0.1], [0.9, 0.1, 0.2]], np.float32)
    limits = dict.fromkeys(names, 0.5)
    given = given_tags(p, names, limits)
    assert given.tolist() == [[True, False, True], [True, False, False], [True, False, False]]
    assert tag_scores(labels, given) == {"given": 2, "true": 1, "precision": 0.5, "recall": 0.3333, "unseen": 1}
    assert tags_report(labels, p, names, limits)["attributes"]["hat"]["recall"] == 0.0


def test_what_was_fitted_comes_back() -> None:
    labels, p = people(300, 0.5, 0.7)
    fitted = fit_part(labels, p, ["hat"], np.ones(300, bool))
    again = fitted_in({"fitted": fitted.as_json()})
    assert again is not None
    np.testing.assert_allclose(again.apply(p, ["hat"]), fitted.apply(p, ["hat"]), atol=1e-4)
    assert again.levels["sure"]["hat"] >= again.levels[""]["hat"] >= again.levels["more"]["hat"]
    assert fitted_in({}) is None
