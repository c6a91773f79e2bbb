"""From a data set's own labels to the canonical attributes: positive, negative, unknown or not to be seen.

Each data set states, for one picture, what it knows: `"Hat"` when its label Hat is true, `"!Hat"` when it is false,
and neither when it says nothing. A table of rules then gives every canonical attribute one of three values. Unknown is
never negative: the paper's "ignore 0-labelled" (Table 3) is the rule by which several data sets train one model.

Labels by eye also say what cannot be told from the picture, as `"?boots"` where the feet are outside of it. No metric
counts such a label; training may count it as a weak negative, so that a network does not guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

POSITIVE, NEGATIVE, UNKNOWN, UNSEEN = 1, 0, -1, -2


@dataclass(frozen=True, slots=True)
class Rule:
    """How one canonical attribute follows from a data set's labels.

    Attributes:
        positive: any of these makes the attribute positive.
        negative: any of these makes it negative; None means that it is negative when every label of `positive` is
            known to be false; an empty tuple means never.
        unless: any of these leaves it unknown, if it is not positive (labels that overlap with it in meaning).
    """

    positive: tuple[str, ...]
    negative: tuple[str, ...] | None = None
    unless: tuple[str, ...] = ()

    def value(self, facts: set[str]) -> int:
        """1, 0 or -1 (unknown) for a picture of which `facts` are known."""
        if any(label in facts for label in self.positive):
            return POSITIVE
        if any(label in facts for label in self.unless):
            return UNKNOWN
        if self.negative is not None:
            return NEGATIVE if any(label in facts for label in self.negative) else UNKNOWN
        return NEGATIVE if self.positive and all(f"!{label}" in facts for label in self.positive) else UNKNOWN


def known(labels: Mapping[str, bool | None]) -> set[str]:
    """The facts of one picture: `{"Hat": True, "Boots": False, "Skirt": None}` -> `{"Hat", "!Boots"}`."""
    return {name if value else f"!{name}" for name, value in labels.items() if value is not None}


def labels_for(attributes: Sequence[str], table: Mapping[str, Rule], facts: Iterable[str]) -> list[int]:
    """One of 1, 0, -1, -2 for each of `attributes`; an attribute that the table lacks is unknown."""
    facts = set(facts)
    return [
        UNSEEN if f"?{name}" in facts else table[name].value(facts) if name in table else UNKNOWN for name in attributes
    ]
