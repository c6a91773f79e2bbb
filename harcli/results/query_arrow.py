"""A query as an expression of Arrow, which its engine computes on whole columns and which skips what cannot fit."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harcli.results.query_tree import COMPARISONS, TIMES, All, Compared, Named, Node, Not

if TYPE_CHECKING:
    import pyarrow.compute


def expression(node: Node, columns: Mapping[str, str], minimum: float | None) -> pyarrow.compute.Expression:
    """The same as `query_tree.holds`, for rows in the wide form of Parquet (docs/columns.md).

    Args:
        columns: the column of each attribute, by its name.
        minimum: as in `Query.matches`.
    """
    from pyarrow import compute

    if isinstance(node, Named):
        if minimum is not None:
            return compute.field(columns[node.name]) >= minimum
        joined = compute.binary_join(compute.field("tags"), ";")
        return compute.match_substring_regex(joined, f"(^|;){_escaped(node.name)}(;|$)")
    if isinstance(node, Compared):
        value = _quantity(node.name) if node.quantity else compute.field(columns[node.name])
        return COMPARISONS[node.sign](value, node.number)
    if isinstance(node, Not):
        return ~expression(node.part, columns, minimum)
    join = operator.and_ if isinstance(node, All) else operator.or_
    return _joined(join, [expression(part, columns, minimum) for part in node.parts])


def _joined(join: Callable[[Any, Any], Any], parts: Sequence[Any]) -> Any:
    """All parts as one, by halves: a long chain would lie as deep as it is long."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(_joined(join, parts[:middle]), _joined(join, parts[middle:]))


def _quantity(name: str) -> pyarrow.compute.Expression:
    from pyarrow import compute

    if name == "score":
        return compute.field("score")
    if name in TIMES:  # null in photos: nothing may hold of it, and `not` of that everywhere
        return compute.coalesce(compute.field(TIMES[name]).cast("double"), compute.scalar(math.nan))
    last, first = ("y2", "y1") if name == "box-height" else ("x2", "x1")
    return compute.subtract(compute.field(last), compute.field(first))


def _escaped(name: str) -> str:
    """The name as a pattern of RE2."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", name)
