"""The language that asks for people: what it finds, and where it points when it does not understand."""

from __future__ import annotations

import time

import pytest

from harcli.errors import HarcliError
from harcli.results import Record
from harcli.results.query import QueryError, parse

NAMES = ["hat", "sunglasses", "jeans", "shorts", "long-hair", "Age17-30", "two words", 'quo"te', "and", "漢字"]


def person(*tags: str, **probabilities: float) -> Record:
    """A person of 100 x 200 pixels; attributes that are not given have the probability 0.1."""
    given = {name.replace("_", "-"): value for name, value in probabilities.items()}
    values = dict.fromkeys(NAMES, 0.1) | dict.fromkeys(tags, 0.9) | given
    return Record("a.jpg", 640, 480, 1, (10.0, 20.0, 110.0, 220.0), 0.8, tags, values)


@pytest.mark.parametrize(
    ("query", "tags", "matches"),
    [
        ("hat", ["hat"], True),
        ("hat", ["jeans"], False),
        ("not hat", ["jeans"], True),
        ("not not hat", ["hat"], True),
        ("hat and not sunglasses and (jeans or shorts)", ["hat", "shorts"], True),
        ("hat and not sunglasses and (jeans or shorts)", ["hat", "shorts", "sunglasses"], False),
        ("hat and not sunglasses and (jeans or shorts)", ["hat"], False),
        ("HAT AND Not Jeans", ["hat"], True),  # capitals do not matter
        ("hat or jeans and shorts", ["hat"], True),  # `and` binds more than `or`
        ("(hat or jeans) and shorts", ["hat"], False),
        ("not hat or jeans", ["hat", "jeans"], True),  # `not` binds more than `or`
        ("not hat and jeans", ["jeans"], True),
        ("not (hat and jeans)", ["hat"], True),
        ("long-hair", ["long-hair"], True),
        ("age17-30", ["Age17-30"], True),
        ('"two words" and"quo""te"', ["two words", 'quo"te'], True),
        ('"and" and hat', ["and", "hat"], True),
        (" \n(hat\t)and(jeans) ", ["hat", "jeans"], True),
        ("漢字", ["漢字"], True),
    ],
)
def test_names(query: str, tags: list[str], matches: bool) -> None:
    assert parse(query, NAMES).matches(person(*tags)) is matches


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("hat > 0.6", False),
        ("hat >= 0.6", True),
        ("hat < 0.6", False),
        ("hat <= 0.6", True),
        ("hat>.5 and hat<1", True),
        ("not hat > 0.5", False),
        ("score > 0.7 and score < 0.9", True),
        ("box-height >= 200 and box-width > 99.5", True),
        ("box-height > 200", False),
    ],
)
def test_comparisons(query: str, matches: bool) -> None:
    assert parse(query, NAMES).matches(person(hat=0.6)) is matches


def test_an_attribute_comes_before_a_quantity_of_its_name() -> None:
    record = Record("a.jpg", 9, 9, 1, (0.0, 0.0, 9.0, 9.0), 0.9, (), {"score": 0.2})
    assert parse("score < 0.5", ["score"]).matches(record)


def test_minimum_counts_for_names_and_not_for_comparisons() -> None:
    tagged = person("hat", hat=0.4, jeans=0.8)  # jeans: likely, but excluded by something likelier
    assert parse("hat and not jeans", NAMES).matches(tagged)
    assert parse("jeans and not hat", NAMES).matches(tagged, 0.7)
    assert parse("jeans", NAMES).matches(tagged, 0.8)
    assert parse("hat > 0.3", NAMES).matches(tagged, 0.7)


@pytest.mark.parametrize("minimum", [None, 0.0, 0.5])
def test_what_is_no_person_never_matches(minimum: float | None) -> None:
    query = parse("not hat or score < 1", NAMES)
    assert not query.matches(Record("empty.jpg", 640, 480), minimum)
    assert not query.matches(Record("bad.jpg", error="the file is empty"), minimum)


@pytest.mark.parametrize(
    ("query", "place", "message"),
    [
        ("hat sunglasses", 4, "expected 'and' or 'or', found sunglasses"),
        ("hat and", 7, "expected an attribute, 'not' or (, found the end"),
        ("hat and or jeans", 8, "expected an attribute, 'not' or (, found or"),
        ("(hat and (jeans)", 0, "this ( is not closed"),
        ("hat)", 3, "this ) closes nothing"),
        ("()", 1, "expected an attribute, 'not' or (, found )"),
        ("(hat jeans)", 5, "expected 'and', 'or' or ), found jeans"),
        ("hat & jeans", 4, "write 'and' for &"),
        ("hat || jeans", 4, "write 'or' for ||"),
        ("!hat", 0, "write 'not' for !"),
        ("hat and sunglases", 8, "did you mean sunglasses?"),
        ("not blue", 4, "there are hat, sunglasses, jeans,"),
        ("height > 100", 0, "did you mean box-height?"),
        ("hat > 80", 6, "80 is too high"),
        ("hat > much", 6, "expected a number such as 0.8, found much"),
        ("hat > nan", 6, "expected a number"),
        ("hat > -1", 6, "expected a number"),
        ("hat >", 5, "found the end"),
        ("hat = 0.5", 4, "expected <, <=, > or >=, found ="),
        ("0.5 < hat", 0, "expected an attribute before the number"),
        ("score", 0, "score needs a comparison"),
        ("track", 0, "track needs a comparison, for example track = 2"),
        ("time-start = 3", 11, "expected <, <=, > or >=, found ="),
        ("track == 2", 7, "expected a number such as 0.8"),
        ("time_start > 3", 0, "did you mean time-start?"),
        ('hat and "jeans', 8, "quotation mark is not closed"),
        ("漢字 hat", 5, "found hat"),  # both characters take two columns
        ("hat\nand \x1b[31m", 8, "no attribute ' [31m'"),
        ("(" * 101 + "hat", 100, "within one another"),
    ],
)
def test_a_caret_points_at_the_mistake(query: str, place: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, NAMES)
    reason, shown, pointer = str(caught.value).split("\n")
    assert message in reason
    assert pointer == "  " + " " * place + "^"
    assert len(shown) == len(query) + 2
    assert "\x1b" not in shown


def test_a_colour_alone_may_be_of_several_things() -> None:
    names = ["hat", "hair-red", "upper-red", "lower-red", "upper-blue"]
    with pytest.raises(QueryError, match=r"no attribute 'red'; did you mean hair-red, upper-red or lower-red\?"):
        parse("hat and red", names)
    with pytest.raises(QueryError, match=r"no attribute 'blue'; did you mean upper-blue\?"):
        parse("not blue > 0.5", names)


@pytest.mark.parametrize("query", ["", "  \n"])
def test_an_empty_query_is_refused_in_one_line(query: str) -> None:
    with pytest.raises(HarcliError, match="the query is empty") as caught:
        parse(query, NAMES)
    assert "\n" not in str(caught.value)


def test_names_that_differ_by_capitals_alone_must_be_exact() -> None:
    record = Record("a.jpg", 9, 9, 1, (0.0, 0.0, 9.0, 9.0), 0.9, ("Hat",), {"hat": 0.1, "Hat": 0.9})
    assert parse("Hat and not hat", ["hat", "Hat"]).matches(record)
    with pytest.raises(QueryError, match="did you mean hat or Hat"):
        parse("HAT", ["hat", "Hat"])


def test_a_word_of_many_digits_is_told_at_once() -> None:
    """It took seconds: time must grow with the length of a query, not with its square."""
    begin = time.process_time()
    with pytest.raises(QueryError, match="no attribute"):
        parse("hat and " + "9" * 60_000 + "x", ["hat"])
    assert time.process_time() - begin < 2
