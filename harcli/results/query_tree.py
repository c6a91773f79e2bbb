"""A query, taken apart. Whatever answers queries, here or in a data set's own engine, walks this tree."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from harcli.results.columns import TIME_COLUMNS, times
from harcli.results.record import Record

TIMES = {column.replace("_", "-"): column for column in TIME_COLUMNS}
"""What can be compared of people in videos, with its column; of people in photos no comparison with it holds."""


def _time(place: int) -> Callable[[Record], float]:
    """The value of one of `TIME_COLUMNS`."""
    return lambda record: math.nan if record.seen is None else float(times(record)[place] or 0)


QUANTITIES: dict[str, Callable[[Record], float]] = {
    "score": lambda record: record.score or 0.0,
    "box-height": lambda record: record.box[3] - record.box[1] if record.box else 0.0,
    "box-width": lambda record: record.box[2] - record.box[0] if record.box else 0.0,
    **{name: _time(place) for place, name in enumerate(TIMES)},
}
"""What can be compared besides probabilities; an attribute of the same name comes first."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    **{"<": operator.lt, "<=": operator.le},
    **{">": operator.gt, ">=": operator.ge},
    "=": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Named:
    """`hat`: the person has this tag, or its probability is at least what the user asks for."""

    name: str


@dataclass(frozen=True, slots=True)
class Compared:
    """`hat > 0.8`.

    Attributes:
        quantity: whether the name is one of `QUANTITIES` and not an attribute.
        sign: one of `COMPARISONS`.
    """

    name: str
    quantity: bool
    sign: str
    number: float


@dataclass(frozen=True, slots=True)
class Not:
    """`not hat`"""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """`hat and jeans`"""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """`jeans or shorts`"""

    parts: tuple[Node, ...]


Node = Named | Compared | Not | All | Any


def holds(node: Node, record: Record, minimum: float | None) -> bool:
    """Whether a person fits; `minimum` as in `Query.matches`."""
    if isinstance(node, Named):
        return node.name in record.tags if minimum is None else _probability(record, node.name) >= minimum
    if isinstance(node, Compared):
        value = QUANTITIES[node.name](record) if node.quantity else _probability(record, node.name)
        return COMPARISONS[node.sign](value, node.number)
    if isinstance(node, Not):
        return not holds(node.part, record, minimum)
    if isinstance(node, All):
        return all(holds(part, record, minimum) for part in node.parts)
    return any(holds(part, record, minimum) for part in node.parts)


def _probability(record: Record, name: str) -> float:
    return record.probabilities[name] if record.probabilities else 0.0
