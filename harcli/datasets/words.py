"""Labels by eye: a group of words for each part of a person -> what is known in canonical names.

| column | words |
|---|---|
| `sex` | m f |
| `age` | child adult elderly |
| `hair` | long short bald |
| `head` | hat helmet glasses sunglasses face-mask scarf beard |
| `upper` | t-shirt shirt tank-top sweater vest jacket coat suit dress bare other |
| `neck` | collar v-neck necktie necklace |
| `sleeve` | long short none |
| `pattern` | solid logo plaid stripes spots floral other |
| `style` | formal casual |
| `lower` | long-pants jeans shorts skirt dress leg-wear belt other |
| `foot` | boots sneakers sandals leather-shoes heels bare other |
| `carry` | backpack handbag shoulder-bag plastic-bag luggage |
| `hair_colour` | black brown blond red grey other |
| `upper_colour`, `lower_colour` | black white grey red orange yellow green blue purple pink brown |

Several words are separated by spaces (or commas). The words that stand in a group hold, all others of the group do not.
`-`: that part is seen well, and none of the words applies. `?`: it cannot be told (hidden, cut off, too small).
An empty value, or a column that is not there: nobody has looked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from harcli.attributes import COLOURS, HAIR_COLOURS

WORDS: dict[str, tuple[str, ...]] = {
    "sex": ("m", "f"),
    "age": ("child", "adult", "elderly"),
    "hair": ("long", "short", "bald"),
    "head": ("hat", "helmet", "glasses", "sunglasses", "face-mask", "scarf", "beard"),
    "upper": (
        *("t-shirt", "shirt", "tank-top", "sweater", "vest", "jacket", "coat", "suit", "dress", "bare", "other"),
    ),
    "neck": ("collar", "v-neck", "necktie", "necklace"),
    "sleeve": ("long", "short", "none"),
    "pattern": ("solid", "logo", "plaid", "stripes", "spots", "floral", "other"),
    "style": ("formal", "casual"),
    "lower": ("long-pants", "jeans", "shorts", "skirt", "dress", "leg-wear", "belt", "other"),
    "foot": ("boots", "sneakers", "sandals", "leather-shoes", "heels", "bare", "other"),
    "carry": ("backpack", "handbag", "shoulder-bag", "plastic-bag", "luggage"),
    "hair_colour": (*HAIR_COLOURS, "other"),
    "upper_colour": COLOURS,
    "lower_colour": COLOURS,
}
"""The words of each group."""

SEEN_WELL, CANNOT_BE_TOLD = "-", "?"

# Attribute -> its group and the words of which any makes it true; attributes that are words themselves follow below.
_BY_OTHER_NAMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "male": ("sex", ("m",)),
    "female": ("sex", ("f",)),
    "long-hair": ("hair", ("long",)),
    "hat": ("head", ("hat", "helmet")),
    "glasses": ("head", ("glasses", "sunglasses")),
    "outerwear": ("upper", ("jacket", "coat")),
    "long-sleeves": ("sleeve", ("long",)),
    "short-sleeves": ("sleeve", ("short",)),
    "sleeveless": ("sleeve", ("none",)),
    "long-pants": ("lower", ("long-pants", "jeans")),
    "bag": ("carry", ("backpack", "handbag", "shoulder-bag", "plastic-bag")),
    **{f"hair-{colour}": ("hair_colour", (colour,)) for colour in HAIR_COLOURS},
    **{f"{part}-{colour}": (f"{part}_colour", (colour,)) for part in ("upper", "lower") for colour in COLOURS},
}
_NO_ATTRIBUTE = {
    "m",
    "f",
    "long",
    "short",
    "none",
    "adult",
    "casual",
    "bare",
    "other",
    "dress",
    *COLOURS,
    *HAIR_COLOURS,
}
ATTRIBUTES: dict[str, tuple[str, tuple[str, ...]]] = {
    **_BY_OTHER_NAMES,
    **{
        word: (group, (word,))
        for group, words in WORDS.items()
        for word in words
        if word not in _BY_OTHER_NAMES and word not in _NO_ATTRIBUTE
    },
}
"""The canonical attributes that words tell of, but `dress`, which stands in two groups."""


_BETWEEN = re.compile(r"[\s,;|]+")


class WordError(ValueError):
    """A value that no word of its group explains; `group` is the column."""

    def __init__(self, group: str, text: str) -> None:
        super().__init__(text)
        self.group = group


def split_words(text: str) -> set[str]:
    """The words of a cell, in small letters, however they are separated."""
    return set(_BETWEEN.split(text.lower())) - {""}


def read_words(row: Mapping[str, str]) -> dict[str, frozenset[str] | None]:
    """The words of each group in which somebody has looked; None where it cannot be told.

    Raises:
        WordError: a word is not one of its group's.
    """
    found: dict[str, frozenset[str] | None] = {}
    for group, known in WORDS.items():
        words = split_words(row.get(group, ""))
        if odd := sorted(words - {*known, SEEN_WELL, CANNOT_BE_TOLD}):
            raise WordError(group, odd[0])
        if words:  # "red ?": what is seen is red
            found[group] = None if words == {CANNOT_BE_TOLD} else frozenset(words & set(known))
    return found


def facts_of_words(words: Mapping[str, frozenset[str] | None]) -> frozenset[str]:
    """What words say of a person, as `facts` of a `Sample`: `hat`, `!hat`, or `?hat` where it cannot be told."""
    facts = {
        _fact(name, None if words[group] is None else bool(words[group] & frozenset(of)))  # type: ignore[operator]
        for name, (group, of) in ATTRIBUTES.items()
        if group in words
    }
    seen = [words[group] for group in ("upper", "lower") if group in words]
    if seen:
        told = [found for found in seen if found is not None]
        facts.add(_fact("dress", any("dress" in found for found in told) if told else None))
    return frozenset(facts)


def _fact(name: str, value: bool | None) -> str:
    return f"?{name}" if value is None else name if value else f"!{name}"
