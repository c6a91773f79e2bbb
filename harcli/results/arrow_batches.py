"""Rows of Parquet files, a batch at a time: numbers that no record has, and where a photo begins.

A comparison with nan is false, and its opposite is true, so that damaged rows must be looked for.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harcli.results.query_tree import TIMES, Compared, Named, Node, Not

if TYPE_CHECKING:
    import numpy as np
    import pyarrow
    import pyarrow.compute
    from numpy.typing import NDArray

_BOX = {"box-height": ("y1", "y2"), "box-width": ("x1", "x2")}
_SIDES = frozenset(name for names in _BOX.values() for name in names)


def asked(node: Node, columns: Mapping[str, str], minimum: float | None) -> list[str]:
    """The columns of numbers that a query asks for, sorted.

    Args:
        columns: the column of each attribute, by its name.
        minimum: as in `Query.matches`.
    """
    if isinstance(node, Compared) and node.quantity:
        return [TIMES[node.name]] if node.name in TIMES else sorted(_BOX.get(node.name, ("score",)))
    if isinstance(node, Named) and minimum is None:
        return []  # the tags are asked
    if isinstance(node, (Compared, Named)):
        return [columns[node.name]]
    parts = (node.part,) if isinstance(node, Not) else node.parts
    return sorted({name for part in parts for name in asked(part, columns, minimum)})


def damaged(names: Sequence[str], others: pyarrow.compute.Expression) -> pyarrow.compute.Expression:
    """Rows in which one of these columns is no number, or below 0, or a probability or score above 1, and other rows.

    Args:
        others: which these are.
    """
    from pyarrow import compute

    return functools.reduce(operator.or_, (_is_damaged(name, compute.field(name)) for name in names), others)


def check(batch: pyarrow.RecordBatch, names: Sequence[str]) -> None:
    """
    Raises:
        ValueError: a row of the batch is damaged in one of these columns.
    """
    from pyarrow import compute

    for name in names:
        if compute.any(_is_damaged(name, batch.column(name))).as_py():
            raise ValueError(f"{name} is not {'a number' if name in _SIDES or name in TIMES.values() else 'in 0..1'}")


def _is_damaged(name: str, values: Any) -> Any:
    """Where the values of a column are; of a field an expression, of an array an array."""
    from pyarrow import compute

    if name in TIMES.values():  # null in photos
        return compute.or_kleene(compute.less(values, 0), compute.not_equal(values, values))  # nan is not itself
    bad = compute.is_null(values, nan_is_null=True)
    if name in _SIDES:
        return bad
    return compute.or_kleene(bad, compute.or_kleene(compute.less(values, 0), compute.greater(values, 1)))


class Beginnings:
    """Where in batches that follow one another a photo begins."""

    def __init__(self) -> None:
        self._path: Any = None
        self._person = 0

    def of(self, batch: pyarrow.RecordBatch) -> NDArray[np.bool_]:
        """For each row, whether it is the first of its photo."""
        import numpy as np
        from pyarrow import compute

        paths, people = batch.column("path"), batch.column("person").to_numpy(zero_copy_only=False)
        if not len(paths):
            return np.zeros(0, np.bool_)
        first = np.ones(len(paths), np.bool_)
        others = compute.not_equal(paths[1:], paths[:-1]).to_numpy(zero_copy_only=False).astype(np.bool_)
        first[1:] = others | (people[1:] <= people[:-1])
        first[0] = paths[0].as_py() != self._path or people[0] <= self._person
        self._path, self._person = paths[-1].as_py(), people[-1]
        return first
