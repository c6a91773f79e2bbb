"""The language that asks for people: `hat and not sunglasses and (jeans or shorts > 0.8)`.

    query    = all { "or" all }
    all      = one { "and" one }
    one      = "not" one | "(" query ")" | NAME | QUANTITY ("<" | "<=" | ">" | ">=") NUMBER
    QUANTITY = NAME | "score" | "box-height" | "box-width"

docs/find.md explains it to users.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harcli.near import did_you_mean
from harcli.results.query_tokens import MEANT, QueryError, Token, tokens
from harcli.results.record import Record

__all__ = ["QUANTITIES", "Query", "QueryError", "parse"]

QUANTITIES: dict[str, Callable[[Record], float]] = {
    "score": lambda record: record.score or 0.0,
    "box-height": lambda record: record.box[3] - record.box[1] if record.box else 0.0,
    "box-width": lambda record: record.box[2] - record.box[0] if record.box else 0.0,
}
"""What can be compared besides probabilities; an attribute of the same name comes first."""

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    **{"<": operator.lt, "<=": operator.le},
    **{">": operator.gt, ">=": operator.ge},
}
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
_DEEPEST = 100

_Test = Callable[[Record, "float | None"], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """A question about one person; `parse` makes it."""

    text: str
    _test: _Test = field(repr=False)

    def matches(self, record: Record, minimum: float | None = None) -> bool:
        """Whether the record is a person for whom the query holds.

        Args:
            minimum: a name without a comparison holds from this probability on; None: where it is among the tags.
        """
        return record.person > 0 and self._test(record, minimum)


def parse(text: str, names: Sequence[str]) -> Query:
    """Read a query.

    Args:
        names: the attributes that the results have, `RunInfo.names`.

    Raises:
        QueryError: it is not a query, or asks for an attribute that the results do not have.
    """
    return Query(text, _Parser(text, names).parse())


class _Parser:
    """Reads from left to right; `_next` is the token that comes."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self._text, self._names = text, names
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._depth = 0

    def parse(self) -> _Test:
        if not self._next.text:
            raise self._error("the query is empty; write for example: hat and not sunglasses", self._next)
        test = self._any()
        if self._next.text == ")":
            raise self._error("this ) closes nothing", self._next)
        self._expect("", "'and' or 'or'")
        return test

    def _any(self) -> _Test:
        tests = [self._all()]
        while self._next.word == "or":
            self._take()
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda record, low: any(test(record, low) for test in tests)

    def _all(self) -> _Test:
        tests = [self._one()]
        while self._next.word == "and":
            self._take()
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda record, low: all(test(record, low) for test in tests)

    def _one(self) -> _Test:
        token = self._take()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} parentheses or 'not' within one another", token)
        if token.word == "not":
            opposite = self._one()
            test: _Test = lambda record, low: not opposite(record, low)  # noqa: E731
        elif token.text == "(":
            test = self._any()
            if not self._next.text:
                raise self._error("this ( is not closed", token)
            self._expect(")", "'and', 'or' or )")
        elif token.is_name:
            test = self._named(token)
        else:
            raise self._unexpected(token, "an attribute, 'not' or (")
        self._depth -= 1
        return test

    def _named(self, token: Token) -> _Test:
        name = self._known(token)
        quantity = None if name in self._names else QUANTITIES[name]
        if self._next.text not in _COMPARISONS:
            if self._next.text == "=":
                raise self._unexpected(self._next, "<, <=, > or >=")
            if quantity is not None:
                raise self._error(f"{name} needs a comparison, for example {name} > 0.5", token)
            return lambda record, low: name in record.tags if low is None else _probability(record, name) >= low
        compare = _COMPARISONS[self._take().text]
        number = self._number(highest=None if name.startswith("box-") and quantity else 1)
        if quantity is not None:
            return lambda record, low: compare(quantity(record), number)
        return lambda record, low: compare(_probability(record, name), number)

    def _known(self, token: Token) -> str:
        """The name as the results have it; capitals matter only where two names differ by nothing else."""
        name = token.name
        known = [*self._names, *(quantity for quantity in QUANTITIES if quantity not in self._names)]
        if name in known:
            return name
        alike = [other for other in known if other.casefold() == name.casefold()]
        if len(alike) == 1:
            return alike[0]
        if _NUMBER.fullmatch(token.text):
            raise self._error("expected an attribute before the number, for example hat > 0.8", token)
        others = did_you_mean([name], known, f"there are {', '.join(known)}")
        raise self._error(f"the results have no attribute '{name}'; {others}", token)

    def _number(self, highest: float | None) -> float:
        token = self._take()
        if not _NUMBER.fullmatch(token.text):
            raise self._unexpected(token, "a number such as 0.8")
        number = float(token.text)
        if highest is not None and number > highest:
            raise self._error(f"{token.text} is too high: probabilities and scores lie between 0 and 1", token)
        return number

    def _take(self) -> Token:
        token, self._next = self._next, next(self._tokens)
        return token

    def _expect(self, text: str, others: str) -> None:
        if self._next.text != text:
            raise self._unexpected(self._next, others)
        self._take()

    def _unexpected(self, token: Token, expected: str) -> QueryError:
        if token.text in MEANT:
            return self._error(f"write '{MEANT[token.text]}' for {token.text}", token)
        if token.text == '"':
            return self._error("this quotation mark is not closed", token)
        return self._error(f"expected {expected}, found {token.text or 'the end'}", token)

    def _error(self, reason: str, token: Token) -> QueryError:
        return QueryError(reason, self._text, token.place)


def _probability(record: Record, name: str) -> float:
    return record.probabilities[name] if record.probabilities else 0.0
