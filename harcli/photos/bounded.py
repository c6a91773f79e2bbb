"""Regular expressions of the library for gitignore patterns, rewritten so that none takes long.

`a*a*a*b` becomes `a[^/]*a[^/]*a[^/]*b`, for which Python tries every way to share a long name among the stars. One way
is enough: what stands between two stars may take the first place where it fits, since the next star takes the rest. The
same holds for what stands between two `**`. Groups that are not tried again say so: `(?=(?P<n>...))(?P=n)`, which is
`(?>...)` in Python 3.11 and later.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

_STAR = "[^/]*"
_END = "(?:(?P<ps_d>/)|$)"
_SLASH = re.compile(r"(?<!\[\^)/")  # between components; not the one of `[^/]`
_BELOW = re.compile(r"(\(\?:\.\+/\)\?|\(\?:/\.\+\)\?)")  # `**/` at the beginning, `/**` within
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")  # or a character after a backslash, which begins none
_SOONEST = {"(?:.+/)?": "(?:.+?/)??", "(?:/.+)?": "(?:/.+?)??"}


def bounded(expression: str) -> str:
    """An expression that fits the same paths, in time that grows with their length and not with a power of it."""
    numbers = itertools.count()
    end = _END if expression.endswith(_END) else ""
    first, *rest = _BELOW.split(expression.removesuffix(end))
    chunks = [(below, _components(text, numbers)) for below, text in zip(rest[::2], rest[1::2], strict=True)]
    soonest = (_once(f"{_SOONEST[below]}{text}(?=/|$)", numbers) for below, text in chunks[:-1])
    whole = (_components(first, numbers), *soonest, *(part for chunk in chunks[-1:] for part in chunk), end)
    return _CLASS.sub(_within_a_part, "".join(whole))


def _components(text: str, numbers: Iterator[int]) -> str:
    """The parts of a path, all stars but the last of each bounded; where a part must end bounds the last."""
    bound = []
    for part in _SLASH.split(text):
        head, *pieces = part.split(_STAR)
        between = (_once(f"{_STAR}?{piece}", numbers) for piece in pieces[:-1])
        bound.append("".join((head, *between, *(_STAR + piece for piece in pieces[-1:]))))
    return "/".join(bound)


def _within_a_part(found: re.Match[str]) -> str:
    """A class of characters such as `[!a]`, which to git is never a slash, and to the library may be one."""
    text = found.group()
    return text if text.startswith("\\") or text == "[^/]" else f"(?!/){text}"


def _once(text: str, numbers: Iterator[int]) -> str:
    """A group that takes the first place where it fits, and is not tried again."""
    name = f"once{next(numbers)}"
    return f"(?=(?P<{name}>{text}))(?P={name})"
