"""Error rates per group, worked by hand."""

from pathlib import Path

import numpy as np
import pytest

from harcli.datasets.sample import Sample
from harcli.evaluation.groups import group_rates, group_table, members, sensitive


def peta(*facts: str) -> Sample:
    return Sample("peta", Path("x.jpg"), frozenset(facts), "test")


MAN = ("personalMale", "!personalFemale")
WOMAN = ("!personalMale", "personalFemale")
ADULT = ("!personalLess15", "!personalLarger60")
PEOPLE = [
    peta(*MAN, *ADULT),
    peta(*MAN, "personalLess15", "!personalLarger60"),
    peta(*WOMAN, *ADULT),
    peta(*WOMAN, "!personalLess15", "personalLarger60"),
    peta(),
]
NAMES = ["male", "hat", "boots"]
LABELS = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 1, -1], [-1, 1, 0]], np.int8)
PROBABILITIES = np.array(
    [[0.9, 0.9, 0.9], [0.2, 0.9, 0.1], [0.9, 0.1, 0.9], [0.1, 0.9, 0.9], [0.9, 0.1, 0.9]], np.float32
)


def test_members_come_from_the_data_set_s_labels() -> None:
    sex, age = members(PEOPLE, "sex"), members(PEOPLE, "age")
    assert {name: np.flatnonzero(rows).tolist() for name, rows in sex.items()} == {
        "men": [0, 1],
        "women": [2, 3],
        "everybody": [0, 1, 2, 3, 4],
    }
    assert {name: np.flatnonzero(rows).tolist() for name, rows in age.items()} == {
        "children": [1],
        "adults": [0, 2],
        "elderly": [3],
        "everybody": [0, 1, 2, 3, 4],
    }


def test_rates_by_hand() -> None:
    rates = group_rates(LABELS, PROBABILITIES, 0.5, NAMES, ["male"], members(PEOPLE, "sex"))
    men, women = rates["men"], rates["women"]
    assert (men["images"], women["images"]) == (2, 2)
    # one of two men is missed, one of two women is called a man
    assert men["attributes"]["male"] == {"positives": 2, "known": 2, "missed": 0.5, "false": None, "error": 0.5}
    assert women["attributes"]["male"] == {"positives": 0, "known": 2, "missed": None, "false": 0.5, "error": 0.5}
    assert men["attributes"]["hat"] == {"positives": 1, "known": 2, "missed": 0, "false": 1, "error": 0.5}
    assert women["attributes"]["hat"] == {"positives": 2, "known": 2, "missed": 0.5, "false": None, "error": 0.5}
    assert women["attributes"]["boots"]["known"] == 1
    # missed: hat alone has positives in both groups; false: nothing has negatives in both
    assert men["others"] == {
        **{"missed": 0, "false": None, "error": 0.5},
        **{"missed over": 1, "false over": 0, "error over": 2},
    }
    assert women["others"]["error"] == pytest.approx((0.5 + 0) / 2)


def test_table_has_a_line_for_each_attribute_about_people() -> None:
    rates = group_rates(LABELS, PROBABILITIES, 0.5, NAMES, ["male"], members(PEOPLE, "sex"))
    head, rows = group_table(rates, ["male"])
    assert head == ["", "men (2)", "women (2)", "everybody (5)"]
    assert rows[0] == ["male: error", "0.500", "0.500", "0.500"]
    assert rows[2] == ["0 other attributes: false", "-", "-", "-"]


def test_groups_without_people_are_left_out() -> None:
    rates = group_rates(LABELS[4:], PROBABILITIES[4:], 0.5, NAMES, [], members(PEOPLE[4:], "sex"))
    assert list(rates) == ["everybody"]
    assert group_table({}, ["male"])[0] == [""]


def test_own_labels_about_people_are_found_by_the_canonical_rules() -> None:
    own = ["personalMale", "accessoryHat", "personalLarger60"]
    assert sensitive(own, PEOPLE) == ["personalMale", "personalLarger60"]
    assert sensitive(["male", "hat", "child"], PEOPLE) == ["male", "child"]
