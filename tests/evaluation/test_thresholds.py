"""The choice of thresholds, and reading them back."""

import json
from pathlib import Path

import numpy as np
import pytest

from harcli.errors import HarcliError
from harcli.evaluation.thresholds import choose_threshold, equal_shares, read_thresholds


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


def write(path: Path, **limits: object) -> Path:
    path.write_text(json.dumps({"attributes": {name: {"threshold": value} for name, value in limits.items()}}))
    return path


def test_read_thresholds_takes_those_of_the_model(tmp_path: Path) -> None:
    file = write(tmp_path / "val.json", hat=0.3, male=0.6, belt=0.2)
    assert read_thresholds(file, ["male", "hat"]) == {"male": 0.6, "hat": 0.3}


def test_thresholds_of_another_model_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "val.json", hat=0.3)
    with pytest.raises(HarcliError, match=r"val\.json: has no threshold for a, b, c, d, e and 2 more"):
        read_thresholds(file, ["hat", *"abcdefg"])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"attributes": 1}', '{"attributes": {"hat": {"threshold": "x"}}}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(HarcliError, match="not the JSON of"):
        read_thresholds(tmp_path / "x.json", ["hat"])


def test_thresholds_out_of_range_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match=r"not in 0\.\.1"):
        read_thresholds(write(tmp_path / "x.json", hat=1.5), ["hat"])
    with pytest.raises(HarcliError, match=r"not in 0\.\.1"):
        read_thresholds(write(tmp_path / "x.json", hat=float("nan")), ["hat"])
