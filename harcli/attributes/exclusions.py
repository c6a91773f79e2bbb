"""Which attributes contradict each other, and how a contradiction is settled."""

from __future__ import annotations

from collections.abc import Sequence

# At most one of each set can be true of one person. A set may be violated by real people in rare cases (a dress over
# jeans); tags are for finding photos, so the clearer answer alone serves better than both.
EXCLUSIONS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "male female",
        "child elderly",
        "long-hair bald",
        "hair-black hair-brown hair-blond hair-red hair-grey",
        "long-sleeves short-sleeves sleeveless",
        "long-pants shorts skirt dress",
        "jeans shorts skirt dress",
        "t-shirt tank-top suit",
        "solid plaid",
        "solid stripes",
        "solid spots",
        "solid floral",
        "boots sneakers sandals leather-shoes heels",
    )
)

_RIVALS = {
    name: frozenset().union(*(group for group in EXCLUSIONS if name in group)) - {name}
    for name in frozenset().union(*EXCLUSIONS)
}
"""By name, all that cannot be true beside it."""
_NONE: frozenset[str] = frozenset()


def exclusions_among(names: Sequence[str]) -> list[list[str]]:
    """The sets of which at most one can be true, with those of `names` only, in their order; sets of two at least."""
    sets = ([name for name in names if name in exclusion] for exclusion in EXCLUSIONS)
    return [each for each in sets if len(each) > 1]


def certainty(probability: float, threshold: float) -> float:
    """How far a probability lies above its threshold, as a share of the room above it: 0 at the threshold, 1 at 1.

    Thresholds differ by attribute (a rare one has a low threshold), so bare probabilities are not comparable.
    """
    return (probability - threshold) / max(1.0 - threshold, 1e-6)


def resolve_tags(names: Sequence[str], probabilities: Sequence[float], thresholds: Sequence[float]) -> list[str]:
    """The attributes at or above their thresholds, contradictory ones resolved.

    Of the attributes of an exclusion set the one with the highest `certainty` stays. Attributes are taken in order of
    certainty, so an attribute that has itself lost to another removes nothing.

    Args:
        names: A attribute names.
        probabilities: A values in 0..1.
        thresholds: A values in 0..1.

    Returns:
        The names that hold, in the order of `names`.
    """
    above = {name: certainty(p, t) for name, p, t in zip(names, probabilities, thresholds, strict=True) if p >= t}
    lost: set[str] = set()
    for name in sorted(above, key=above.__getitem__, reverse=True):
        if name not in lost:
            lost |= _RIVALS.get(name, _NONE)
    return [name for name in above if name not in lost]
