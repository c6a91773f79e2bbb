"""Canonical attribute names and their groups.

A name is one word or words joined by hyphens, so that it can stand in a query, a CSV header and a command line
without quotes. The names are stable: a model file, a result file and a training table all use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harcli.errors import HarcliError
from harcli.near import did_you_mean


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that may be true of a person in a photo.

    Attributes:
        name: canonical name, for example `long-hair`.
        group: what part of a person it is about, a key of `GROUPS`.
        meaning: when the attribute is true, in a few words.
    """

    name: str
    group: str
    meaning: str


GROUPS: dict[str, str] = {
    "sex": "a guess from appearance; switch off with --without sex",
    "age": "a guess from appearance; switch off with --without age",
    "hair": "length of the hair",
    "hair-colour": "colour of the hair",
    "head": "on head, face or neck",
    "upper-body": "main garments of the upper body",
    "neck": "neckline and what is worn there",
    "sleeve": "length of the sleeves",
    "pattern": "pattern of the upper body",
    "upper-colour": "colours of the outermost garment of the upper body",
    "style": "style of dress",
    "lower-body": "main garments of the lower body, and dresses",
    "lower-colour": "colours of trousers, skirt, shorts or dress",
    "footwear": "shoes",
    "carried": "bags and luggage",
}

COLOURS: tuple[str, ...] = (
    *("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"),
)
"""Of clothes; names of attributes are `upper-red`, `lower-blue`."""

HAIR_COLOURS: tuple[str, ...] = ("black", "brown", "blond", "red", "grey")

# What a colour's name takes in besides itself.
_SHADES = {
    **{"grey": "grey or silver", "purple": "purple or burgundy"},
    **{"blue": "blue: navy, denim and turquoise too", "brown": "brown: beige, tan and khaki too"},
}
_HAIR_SHADES = {"black": "black or very dark brown", "red": "red or ginger", "grey": "grey or white"}


def _colours(part: str) -> list[tuple[str, str]]:
    """Rows of `_TABLE`: what covers most of the garment, and what covers a third of it or more."""
    return [(f"{part}-{colour}", _SHADES.get(colour, colour)) for colour in COLOURS]


_TABLE: dict[str, list[tuple[str, str]]] = {
    "sex": [("male", "looks male"), ("female", "looks female")],
    "age": [("child", "looks younger than about 16"), ("elderly", "looks older than 60")],
    "hair": [("long-hair", "hair that reaches the shoulders"), ("bald", "no hair on the head")],
    "hair-colour": [(f"hair-{colour}", _HAIR_SHADES.get(colour, colour)) for colour in HAIR_COLOURS],
    "head": [
        ("hat", "hat, cap, beanie or helmet"),
        ("helmet", "helmet"),
        ("glasses", "glasses of any kind, sunglasses too"),
        ("sunglasses", "sunglasses"),
        ("face-mask", "mask over mouth and nose"),
        ("scarf", "scarf or muffler"),
        ("beard", "beard or moustache"),
    ],
    "upper-body": [
        ("t-shirt", "T-shirt"),
        ("shirt", "shirt or blouse"),
        ("tank-top", "tank top"),
        ("sweater", "sweater, jumper, sweatshirt or hoodie"),
        ("vest", "vest or waistcoat"),
        ("jacket", "jacket or blazer"),
        ("coat", "coat"),
        ("outerwear", "jacket or coat, whichever"),
        ("suit", "suit"),
    ],
    "neck": [("collar", "a collar"), ("v-neck", "V-shaped neckline"), ("necktie", "tie"), ("necklace", "necklace")],
    "sleeve": [("long-sleeves", "long"), ("short-sleeves", "short"), ("sleeveless", "none")],
    "pattern": [
        ("solid", "one colour, no pattern"),
        ("logo", "logo, print or graphics"),
        ("plaid", "plaid or checks"),
        ("stripes", "stripes"),
        ("spots", "spots"),
        ("floral", "flowers"),
    ],
    "upper-colour": _colours("upper"),
    "style": [("formal", "dressed formally")],
    "lower-body": [
        ("long-pants", "trousers of full length, jeans too"),
        ("jeans", "jeans"),
        ("shorts", "shorts"),
        ("skirt", "skirt"),
        ("dress", "dress"),
        ("leg-wear", "tights, stockings or leggings"),
        ("belt", "belt"),
    ],
    "lower-colour": _colours("lower"),
    "footwear": [
        ("boots", "boots"),
        ("sneakers", "sneakers"),
        ("sandals", "sandals"),
        ("leather-shoes", "leather shoes"),
        ("heels", "shoes with high heels"),
    ],
    "carried": [
        ("bag", "bag of any kind but luggage"),
        ("backpack", "backpack"),
        ("handbag", "bag held in the hand"),
        ("shoulder-bag", "bag with a strap over the shoulder"),
        ("plastic-bag", "plastic bag"),
        ("luggage", "suitcase or trolley"),
    ],
}

ATTRIBUTES: dict[str, Attribute] = {
    name: Attribute(name, group, meaning) for group, rows in _TABLE.items() for name, meaning in rows
}

# WIDER-Attribute's 14, in the order of its annotation (stripe there is called plaid in the paper's tables).
WIDER: tuple[str, ...] = (
    *("male", "long-hair", "sunglasses", "hat", "t-shirt", "long-sleeves", "formal"),
    *("shorts", "jeans", "long-pants", "skirt", "face-mask", "logo", "plaid"),
)


def names_of(words: Iterable[str], groups: Mapping[str, str] | None = None, *, leaving_out: bool = False) -> set[str]:
    """The attributes that words name, by themselves or by group: `["sex", "hat"]` -> `{"male", "female", "hat"}`.

    Args:
        groups: the attributes that there are, with the group of each; None: the vocabulary's.
        leaving_out: a group of the vocabulary of which there is no attribute is fine: nothing of it is left, so that
            `sex,age` serves with any model.

    Raises:
        HarcliError: a word is neither one of these attributes nor a group of them.
    """
    if groups is None:
        groups = {a.name: a.group for a in ATTRIBUTES.values()}
    words = set(words)
    fine = GROUPS if leaving_out else ()
    if unknown := sorted(words - {*fine, *groups, *groups.values()}):
        of_groups = dict.fromkeys(groups.values())
        lists = f"groups: {', '.join(of_groups)}; attributes: {', '.join(groups)}"
        # A name of the vocabulary is no slip: what else is spelt like it would not help.
        slips = not any(word in ATTRIBUTES or word in GROUPS for word in unknown)
        told = did_you_mean(unknown, [*of_groups, *groups], lists) if slips else lists
        raise HarcliError(f"no attribute or group {', '.join(unknown)}; {told}")
    return {name for name, group in groups.items() if name in words or group in words}
