"""A query's words, each with its place, and the message that points at one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from harcli.errors import HarcliError

WORDS = ("and", "or", "not")
MEANT = {"&": "and", "&&": "and", "|": "or", "||": "or", "!": "not"}
"""What programmers write, and the word for it."""

_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|<=|>=|[()<>]|&&|\|\||[=!&|,"]|[^\s()<>=!&|,"]+)')


class QueryError(HarcliError):
    """A query that cannot be understood: the reason, and below it the query with a caret under the place."""

    several_lines = True

    def __init__(self, reason: str, text: str, place: int) -> None:
        shown = _printable(text)
        # Chinese, Japanese and Korean characters take two columns of a terminal.
        before = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in shown[:place])
        pointer = f"\n  {shown}\n  {' ' * before}^" if text.strip() else ""
        super().__init__(_printable(reason) + pointer)


@dataclass(frozen=True, slots=True)
class Token:
    """A name, number, word or sign of a query; an empty text is its end.

    Attributes:
        text: as it stands there.
        place: of its first character.
    """

    text: str
    place: int

    @property
    def word(self) -> str:
        """`and`, `or` and `not` in small letters; else the text."""
        return self.text.lower() if self.text.lower() in WORDS else self.text

    @property
    def quoted(self) -> bool:
        """Whether it is a name in quotation marks."""
        return self.text.startswith('"') and len(self.text) > 1

    @property
    def is_name(self) -> bool:
        """Whether it may be a name; numbers may."""
        return self.quoted or (self.word not in WORDS and self.text[:1] not in (*'()<>=!&|,"', ""))

    @property
    def name(self) -> str:
        """The text without quotation marks; two of them within stand for one."""
        return self.text[1:-1].replace('""', '"') if self.quoted else self.text


def tokens(text: str) -> Iterator[Token]:
    """The tokens from left to right, and the end."""
    for match in _TOKEN.finditer(text):
        yield Token(match[1], match.start(1))
    while True:
        yield Token("", len(text.rstrip()))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
