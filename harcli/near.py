"""Which known name a word was meant to be: one rule for all names, attributes, data sets, models and choices alike."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from harcli.errors import HarcliError

MOST = 5
"""Names that are offered for one word."""

_ALIKE = 0.65
"""Least share of letters in common; at difflib's own 0.6, `red` is like `carried`."""

_BETWEEN = re.compile(r"[-_ .]+|(?<=[a-z0-9])(?=[A-Z])")  # upperBodyRed has three parts


def plain(name: str) -> str:
    """A name without what people write differently: `PA-100K` and `pa_100k` are `pa100k`."""
    return _BETWEEN.sub("", name).casefold()


def near(word: str, known: Iterable[str]) -> list[str]:
    """The names that somebody may have meant, the likeliest first; empty if none is like the word.

    These are the name that is written otherwise (`Hair_Red`); else those of which the word is a part (`red`: hair-red,
    upper-red, lower-red); else those that are spelt nearly so (`jeens`), or of which a part is (`gray`: hair-grey ...).
    """
    names = list(dict.fromkeys(known))
    plainly = {name: plain(name) for name in names}
    parts = {name: [part.casefold() for part in _BETWEEN.split(name)] for name in names}
    wanted = plain(word)
    if found := [name for name in names if plainly[name] == wanted]:
        return found[:MOST]
    if found := [name for name in names if word.casefold() in parts[name]]:
        return found[:MOST]
    alike = difflib.get_close_matches(wanted, list(plainly.values()), MOST, _ALIKE)
    if found := [name for text in dict.fromkeys(alike) for name in names if plainly[name] == text]:
        return found[:MOST]
    pieces = difflib.get_close_matches(wanted, {part for of_name in parts.values() for part in of_name}, 1, _ALIKE)
    return [name for name in names if set(pieces) & set(parts[name])][:MOST]


def did_you_mean(words: Sequence[str], known: Iterable[str], otherwise: str) -> str:
    """`did you mean hair-red, upper-red or lower-red?`, or `otherwise` where a word is like none of the known names."""
    names = list(known)
    found = [near(word, names) for word in words]
    if not all(found):
        return otherwise
    *first, last = dict.fromkeys(name for of_word in found for name in of_word)
    return f"did you mean {_joined(first, last)}?"


def one_of(what: str, value: str, known: Sequence[str]) -> str:
    """The value, if it is one of those there are; an empty one among them is what is taken if nothing is said.

    Args:
        what: that it is a value of, for example `--loss`.

    Raises:
        HarcliError: it is not; says which there are, and which may be meant.
    """
    if value not in known:
        *first, last = names = list(filter(None, known))
        meant = did_you_mean([value], names, "")
        raise HarcliError(f"{what} '{value}': choose {_joined(first, last)}{'; ' if meant else ''}{meant}")
    return value


def _joined(first: Sequence[str], last: str) -> str:
    return f"{', '.join(first)} or {last}" if first else last
