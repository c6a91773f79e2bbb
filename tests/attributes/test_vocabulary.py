"""Names, groups, contradictions, and labels that stay unknown."""

import re

import pytest

from harcli.attributes import (
    ATTRIBUTES,
    EXCLUSIONS,
    GROUPS,
    WIDER,
    Rule,
    known,
    labels_for,
    names_of,
    resolve_tags,
)
from harcli.errors import HarcliError


def test_names_need_no_quotes() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ATTRIBUTES)


def test_every_group_is_used_and_known() -> None:
    assert {a.group for a in ATTRIBUTES.values()} == set(GROUPS)


def test_widers_fourteen_are_in_the_vocabulary() -> None:
    assert len(WIDER) == len(set(WIDER)) == 14
    assert set(WIDER) <= set(ATTRIBUTES)


def test_exclusions_name_attributes() -> None:
    assert set().union(*EXCLUSIONS) <= set(ATTRIBUTES)


def test_names_of_expands_groups() -> None:
    assert names_of(["sex", "hat"]) == {"male", "female", "hat"}
    assert names_of(["head", "own"], {"hat": "head", "x": "own", "y": "other"}) == {"hat", "x"}


def test_names_of_refuses_what_is_not_there() -> None:
    few = {"hat": "head", "x": "own"}
    for words, said in (
        (["hats"], r"^no attribute or group hats; did you mean hat\?$"),
        (["boots"], "^no attribute or group boots; groups: head, own; attributes: hat, x$"),
        (["age"], "no attribute or group age; groups"),
        (["hats", "zzzz"], "no attribute or group hats, zzzz; groups"),
    ):
        with pytest.raises(HarcliError, match=said):
            names_of(words, few)


def test_a_group_that_is_not_there_can_be_left_out() -> None:
    few = {"hat": "head", "x": "own"}
    assert names_of(["age", "own"], few, leaving_out=True) == {"x"}
    with pytest.raises(HarcliError, match="boots"):
        names_of(["boots"], few, leaving_out=True)


def test_contradictions_keep_the_more_certain() -> None:
    assert resolve_tags(["male", "hat", "female"], [0.9, 0.8, 0.6], [0.5, 0.5, 0.5]) == ["male", "hat"]


def test_certainty_is_relative_to_the_threshold() -> None:
    # 0.6 over a threshold of 0.2 is half of the way to 1; 0.7 over 0.6 only a quarter
    assert resolve_tags(["shorts", "skirt"], [0.7, 0.6], [0.6, 0.2]) == ["skirt"]


def test_a_loser_removes_nothing() -> None:
    # long-pants loses to dress; jeans (weaker than dress) too; t-shirt is untouched
    assert resolve_tags(["long-pants", "dress", "t-shirt"], [0.8, 0.9, 0.6], [0.5] * 3) == ["dress", "t-shirt"]


def test_below_threshold_is_no_tag() -> None:
    assert resolve_tags(["hat"], [0.49], [0.5]) == []
    assert resolve_tags(["hat"], [0.5], [0.5]) == ["hat"]


def test_unknown_is_never_negative() -> None:
    table = {"hat": Rule(("Hat",)), "scarf": Rule(("Scarf",), unless=("Shawl",)), "jeans": Rule((), ("!Trousers",))}
    names = ["hat", "scarf", "jeans", "bag"]
    assert labels_for(names, table, known({"Hat": None, "Scarf": False, "Shawl": True, "Trousers": True})) == [-1] * 4
    facts = known({"Hat": True, "Scarf": False, "Shawl": False, "Trousers": False})
    assert labels_for(names, table, facts) == [1, 0, 0, -1]
