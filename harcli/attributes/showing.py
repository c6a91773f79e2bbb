"""How attributes are shown to people: what says most comes first, and colours have a swatch."""

from __future__ import annotations

from collections.abc import Iterable

from harcli.attributes.vocabulary import ATTRIBUTES

COMMONPLACE = frozenset({"solid", "long-pants", "long-sleeves", "short-sleeves"})
"""True of so many people that they tell little about one."""

_CLOTHES = {
    **{"black": "#17181a", "white": "#ffffff", "grey": "#8e9196", "red": "#d32f2f", "orange": "#f5821f"},
    **{"yellow": "#f7d038", "green": "#2f9e44", "blue": "#2b62c9", "purple": "#7d3fa8", "pink": "#f28ab2"},
    **{"brown": "#8a5a34"},
}
_HAIR = {"black": "#1c1a19", "brown": "#6b4226", "blond": "#e3c37a", "red": "#b5512b", "grey": "#b4b6ba"}


def telling_first(tags: Iterable[str]) -> list[str]:
    """The tags in their order, but for the commonplace ones, which come last."""
    return sorted(tags, key=lambda tag: tag in COMMONPLACE)


def swatch(name: str) -> str | None:
    """The colour that stands for an attribute such as `upper-red`, as `#rrggbb`; None if it is about no colour."""
    if name not in ATTRIBUTES or not ATTRIBUTES[name].group.endswith("-colour"):
        return None
    part, _, colour = name.partition("-")
    return (_HAIR if part == "hair" else _CLOTHES)[colour]
