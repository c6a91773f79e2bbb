"""Queries of any form: each means what its parts mean, and whatever is typed is understood or explained."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harcli.errors import HarcliError
from harcli.results import Record
from harcli.results.query import parse

hypothesis = pytest.importorskip("hypothesis", reason="properties need pip install '.[dev]'")
from hypothesis import strategies as st  # noqa: E402

NAMES = ("hat", "long-hair", "Hat", "upper-red", "and", "no t", 'quo"te', "0.5", "(", "é漢", "score")
Holds = Callable[[Record], bool]
Asked = tuple[str, Holds]

SHARES = st.integers(0, 100).map(lambda number: number / 100)
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def named(name: str) -> Asked:
    return quoted(name), lambda record: name in record.tags


def compared(name: str, sign: str, number: float) -> Asked:
    return f"{quoted(name)} {sign}{number}", lambda r: COMPARISONS[sign]((r.probabilities or {})[name], number)


def high(sign: str, pixels: int) -> Asked:
    return f"box-height{sign} {pixels}", lambda r: COMPARISONS[sign](r.box[3] - r.box[1] if r.box else 0.0, pixels)


def negated(asked: Asked) -> Asked:
    return f"NOT ({asked[0]})", lambda record: not asked[1](record)


def all_of(asked: list[Asked]) -> Asked:
    return " And ".join(f"({text})" for text, _ in asked), lambda record: all(holds(record) for _, holds in asked)


def any_of(asked: list[Asked]) -> Asked:
    return "(" + " or\n".join(text for text, _ in asked) + ")", lambda record: any(holds(record) for _, holds in asked)


SINGLE = st.one_of(
    st.sampled_from(NAMES).map(named),
    st.builds(compared, st.sampled_from(NAMES), st.sampled_from(list(COMPARISONS)), SHARES),
    st.builds(high, st.sampled_from(list(COMPARISONS)), st.integers(0, 500)),
)
QUERIES = st.recursive(
    SINGLE,
    lambda inner: st.one_of(
        inner.map(negated),
        st.lists(inner, min_size=1, max_size=4).map(all_of),
        st.lists(inner, min_size=1, max_size=4).map(any_of),
    ),
    max_leaves=12,
)


@st.composite
def people(draw: st.DrawFn) -> Record:
    height = draw(st.integers(0, 500))
    tags = tuple(name for name in NAMES if draw(st.booleans()))
    probabilities = {name: draw(SHARES) for name in NAMES}
    return Record("a.jpg", 640, 480, 1, (0.0, 0.0, 10.0, float(height)), 0.5, tags, probabilities)


@hypothesis.given(QUERIES, people())
def test_a_query_means_what_its_parts_mean(asked: Asked, person: Record) -> None:
    text, holds = asked
    assert parse(text, NAMES).matches(person) == holds(person)


@hypothesis.given(QUERIES, QUERIES, people())
def test_and_binds_more_than_or(one: Asked, other: Asked, person: Record) -> None:
    """`a or b and not a` is `a or (b and not a)`, which is `a or b`."""
    (a, holds_a), (b, holds_b) = one, other
    query = parse(f"({a}) or ({b}) and not ({a})", NAMES)
    assert query.matches(person) == (holds_a(person) or holds_b(person))


WORDS = st.sampled_from([*NAMES, *map(quoted, NAMES), *"()<>=!&|,\"'", "not", "or", "and", ">=", "0.5", "1e9", "-1"])
TYPED = st.one_of(st.text(max_size=30), st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS).map("".join))


@hypothesis.given(TYPED)
def test_whatever_is_typed_is_understood_or_explained(text: str) -> None:
    """In one line, and under it the query in one line with a caret within it."""
    try:
        query = parse(text, NAMES)
    except HarcliError as error:
        reason, *shown = str(error).split("\n")
        assert reason
        assert all(character.isprintable() for line in (reason, *shown) for character in line)
        assert len(shown) == (2 if text.strip() else 0)
        if shown:
            assert len(shown[0]) == len(text) + 2
            assert shown[1].strip() == "^"
            assert len(shown[1]) - 3 <= 2 * len(text)  # wide characters take two columns
    else:
        assert query.matches(Record("a.jpg", 9, 9, 1, (0.0, 0.0, 9.0, 9.0), 0.5, (), dict.fromkeys(NAMES, 0.5))) in (
            True,
            False,
        )
