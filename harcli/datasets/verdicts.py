"""Verdicts on single attributes: the columns `right` and `wrong` of a `people.csv`, each a list of canonical names.

Words (`harcli.datasets.words`) tell of a whole group: what is not written does not hold. Verdicts tell of what they
name, and of what follows from it; all else stays as unknown as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from harcli.attributes import ATTRIBUTES, EXCLUSIONS
from harcli.datasets.words import ATTRIBUTES as TOLD
from harcli.datasets.words import split_words
from harcli.near import did_you_mean

RIGHT, WRONG = VERDICTS = ("right", "wrong")
"""The columns."""


class VerdictError(ValueError):
    """A name that is no attribute, or verdicts that contradict each other or the row's words."""


def facts_of_verdicts(row: Mapping[str, str], words: frozenset[str]) -> frozenset[str]:
    """What a row says in words, and by its verdicts, as `facts` of a `Sample`.

    `jeans` right: `long-pants` too, and neither `skirt` nor what else contradicts it. `hat` wrong: no `helmet` either.
    What the row says itself wins over what follows from other verdicts by contradiction (a skirt over trousers).

    Args:
        words: the facts that the row's words tell.

    Raises:
        VerdictError: see there.
    """
    right, wrong = (_names(row, column) for column in VERDICTS)
    right |= {general for name in right for general in more_general(name)}
    wrong |= _more_special(wrong)
    if both := sorted(right & wrong):
        raise VerdictError(f"'{both[0]}' would be right and wrong, by the columns right and wrong")
    for name in sorted(right | wrong):
        if (f"!{name}" if name in right else name) in words:
            raise VerdictError(
                f"'{name}' is {'right' if name in right else 'wrong'}, but the row's words say otherwise"
            )
    told = right | wrong | {fact.lstrip("!") for fact in words if not fact.startswith("?")}
    excluded = {other for name in right for group in EXCLUSIONS if name in group for other in group} - told
    wrong |= excluded | (
        {special for name in excluded for special in ATTRIBUTES if name in more_general(special)} - told
    )
    unseen = {f"?{name}" for name in right | wrong}
    return (words - unseen) | right | {f"!{name}" for name in wrong}


def _names(row: Mapping[str, str], column: str) -> set[str]:
    names = split_words(row.get(column, ""))
    if odd := sorted(names - set(ATTRIBUTES)):
        told = did_you_mean(odd[:1], ATTRIBUTES, "expected canonical names, as `hat`")
        raise VerdictError(f"column {column}: no attribute '{odd[0]}'; {told}")
    return names


def more_general(name: str) -> set[str]:
    """The attributes that hold wherever this one does: those of its group that any of its words makes true."""
    if name not in TOLD:
        return set()
    group, of = TOLD[name]
    return {other for other, (its, words) in TOLD.items() if other != name and its == group and set(of) < set(words)}


def _more_special(names: set[str]) -> set[str]:
    return {special for special in ATTRIBUTES if names & more_general(special)}
