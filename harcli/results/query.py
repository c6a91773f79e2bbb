"""The language that asks for people: `hat and not sunglasses and (jeans or shorts > 0.8)`.

    query    = all { "or" all }
    all      = one { "and" one }
    one      = "not" one | "(" query ")" | NAME | QUANTITY ("<" | "<=" | ">" | ">=") NUMBER | "track" "=" NUMBER
    QUANTITY = NAME | "score" | "box-height" | "box-width" | "time-start" | "time-end" | "time-best" | "track"

docs/find.md explains it to users.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from harcli.near import did_you_mean
from harcli.results.query_tokens import MEANT, QueryError, Token, tokens
from harcli.results.query_tree import COMPARISONS, QUANTITIES, All, Any, Compared, Named, Node, Not, holds
from harcli.results.record import Record

__all__ = ["QUANTITIES", "Query", "QueryError", "parse"]

_NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Query:
    """A question about one person; `parse` makes it."""

    text: str
    tree: Node = field(repr=False)

    def matches(self, record: Record, minimum: float | None = None) -> bool:
        """Whether the record is a person for whom the query holds.

        Args:
            minimum: a name without a comparison holds from this probability on; None: where it is among the tags.
        """
        return record.person > 0 and holds(self.tree, record, minimum)


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

    def parse(self) -> Node:
        if not self._next.text:
            raise self._error("the query is empty; write for example: hat and not sunglasses", self._next)
        tree = self._any()
        if self._next.text == ")":
            raise self._error("this ) closes nothing", self._next)
        self._expect("", "'and' or 'or'")
        return tree

    def _any(self) -> Node:
        parts = [self._all()]
        while self._next.word == "or":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._next.word == "and":
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        token = self._take()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} parentheses or 'not' within one another", token)
        if token.word == "not":
            node: Node = Not(self._one())
        elif token.text == "(":
            node = self._any()
            if not self._next.text:
                raise self._error("this ( is not closed", token)
            self._expect(")", "'and', 'or' or )")
        elif token.is_name:
            node = self._named(token)
        else:
            raise self._unexpected(token, "an attribute, 'not' or (")
        self._depth -= 1
        return node

    def _named(self, token: Token) -> Node:
        name = self._known(token)
        quantity = name not in self._names
        if self._next.text == "=" and not (quantity and name == "track"):
            raise self._unexpected(self._next, "<, <=, > or >=")
        if self._next.text not in COMPARISONS:
            if quantity:
                example = "track = 2" if name == "track" else f"{name} > 0.5"
                raise self._error(f"{name} needs a comparison, for example {example}", token)
            return Named(name)
        sign = self._take().text
        share = not quantity or name == "score"
        return Compared(name, quantity, sign, self._number(highest=1 if share else None))

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
