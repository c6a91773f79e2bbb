"""Which name a word was meant to be."""

import pytest

from harcli.attributes import ATTRIBUTES, GROUPS
from harcli.datasets import DATASETS
from harcli.near import did_you_mean, near

WORDS = [*GROUPS, *ATTRIBUTES]


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("jeens", "jeans"),
        ("hatt", "hat"),
        ("sx", "sex"),
        ("tshirt", "t-shirt"),
        ("Long_Hair", "long-hair"),
        ("sunglases", "sunglasses"),
        ("pants", "long-pants"),
    ],
)
def test_attributes_and_groups(word: str, first: str) -> None:
    assert near(word, WORDS)[0] == first


@pytest.mark.parametrize("word", ["red", "Red"])
def test_a_colour_alone_is_of_hair_or_clothes(word: str) -> None:
    assert near(word, WORDS) == ["hair-red", "upper-red", "lower-red"]


def test_a_model_without_colours_has_nothing_like_one() -> None:
    assert near("red", ["carried", "hat"]) == []


def test_parts_of_labels_as_data_sets_spell_them() -> None:
    assert near("hat", ["accessoryHat", "hs-Hat", "UpperLogo"]) == ["accessoryHat", "hs-Hat"]


def test_a_colour_that_is_spelt_otherwise() -> None:
    assert near("gray", WORDS) == ["hair-grey", "upper-grey", "lower-grey"]


@pytest.mark.parametrize(
    ("word", "first"),
    [("petra", "peta"), ("PA-100K", "pa100k"), ("market", "market1501"), ("cpp", "ccp"), ("RAP_2", "rap2")],
)
def test_data_sets(word: str, first: str) -> None:
    assert near(word, DATASETS)[0] == first


@pytest.mark.parametrize("word", ["", "x", "zzzz", "男", "a" * 10_000])
def test_nothing_is_like_it(word: str) -> None:
    assert near(word, WORDS) == []
    assert did_you_mean([word], WORDS, "there are others") == "there are others"


def test_how_it_is_said() -> None:
    assert did_you_mean(["hatt"], ["hat"], "") == "did you mean hat?"
    assert did_you_mean(["jeens", "hatt"], ["hat", "jeans"], "") == "did you mean jeans or hat?"
    assert did_you_mean(["red"], WORDS, "") == "did you mean hair-red, upper-red or lower-red?"
    assert did_you_mean(["hatt", "zzzz"], ["hat"], "there is hat") == "there is hat"
