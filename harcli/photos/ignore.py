"""What is left out of a folder: the patterns of `--ignore` and of `.harcliignore` files, in the syntax of gitignore."""

from __future__ import annotations

import os
import re
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from harcli.errors import HarcliError
from harcli.photos.bounded import bounded

_BRACKETS = re.compile(r"\\.|\[[!^]?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\]")  # or a character after a backslash
_NAMED = re.compile(r"\[:([^\]]*):\]")
_CLASSES = {
    **{"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "xdigit": "0-9a-fA-F"},
    **{"space": " \t\r\v\f", "blank": " \t", "cntrl": "\x01-\x1f\x7f", "print": " -~", "graph": '"-~!'},
    "punct": ":-@[-`{-~!-.",  # no slash, which is never meant; no `!` first, which would say the opposite
}
"""What `[:alpha:]` and the like stand for between brackets, to git; the library knows none of them."""

FILE_NAME = ".harcliignore"
"""The name of a file whose patterns hold for its folder and all below it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of rules.

    Attributes:
        expression: what the library makes of it, bounded in time.
        leaves_out: False for a line that begins with `!`.
        folders_only: the line ends in `/`.
        all_below: the line ends in `/**`.
    """

    expression: re.Pattern[str]
    leaves_out: bool
    folders_only: bool
    all_below: bool

    def fits(self, path: str, is_folder: bool) -> bool:
        """Whether it means this very path, given relative to the folder of the rules."""
        if self.folders_only and not is_folder:
            return False
        found = self.expression.search(path)
        # The library also finds what lies below the folder that a line names, and then stops behind the folder.
        return found is not None and (self.all_below or not found.group().endswith("/"))


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns from one place, relative to `folder`. The last that fits a path decides."""

    folder: PurePath
    patterns: tuple[Pattern, ...]

    def verdict(self, path: PurePath, is_folder: bool) -> bool | None:
        """Whether a path below `folder` is left out; None if no pattern fits."""
        if not self.patterns:
            return None
        relative = _one_form(path.relative_to(self.folder).as_posix())
        fitting = (each for each in reversed(self.patterns) if each.fits(relative, is_folder))
        return next((each.leaves_out for each in fitting), None)


@dataclass(frozen=True, slots=True)
class Rules:
    """All patterns that hold in one folder, those that are asked first in front."""

    ranked: tuple[Patterns, ...] = ()

    def inside(self, folder: PurePath, patterns: tuple[Pattern, ...]) -> Rules:
        """With those of the `.harcliignore` in `folder`, a folder below: they come before those from above."""
        return Rules((*self.ranked[:1], Patterns(folder, patterns), *self.ranked[1:]))

    def leave_out(self, path: PurePath, is_folder: bool) -> bool:
        """Whether the rules say so of a path whose folder they do not leave out."""
        for patterns in self.ranked:
            verdict = patterns.verdict(path, is_folder)
            if verdict is not None:
                return verdict
        return False


def named_rules(folder: PurePath, ignore: Iterable[str]) -> Rules:
    """The rules of the command line for a folder that is named there; they come before those of files.

    Raises:
        HarcliError: one is no pattern.
    """
    return Rules((Patterns(folder, _parse((pattern, "--ignore") for pattern in ignore)),))


def read_patterns(path: Path) -> tuple[Pattern, ...]:
    """The patterns of a `.harcliignore`.

    Raises:
        HarcliError: it cannot be read, is no text, or has a line that is no pattern.
    """
    try:
        if not path.is_file():  # reading a named pipe would wait for ever
            raise HarcliError(f"{path}: not a file; remove it, or put patterns in it")
        content = path.read_bytes()
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror}), so it is not known what to leave out") from error
    return patterns_in(content, str(path))


def patterns_in(content: bytes, path: str) -> tuple[Pattern, ...]:
    """The patterns in the content of a `.harcliignore`.

    Args:
        path: what an error calls the file.

    Raises:
        HarcliError: it is no text, or has a line that is no pattern.
    """
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    if any(b"\0" in line for line in lines):
        raise HarcliError(f"{path}: not a text file in UTF-8")
    return _parse((os.fsdecode(line), f"{path}, line {number}") for number, line in enumerate(lines, start=1))


def _parse(lines: Iterable[tuple[str, str]]) -> tuple[Pattern, ...]:
    """From lines, each with the place that an error names; blank lines and comments are left out."""
    return tuple(_pattern(line, place) for line, place in lines if line.strip() and not line.startswith("#"))


def _pattern(line: str, place: str) -> Pattern:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    text = _one_form(line if line.endswith("\\ ") else line.rstrip())
    bare = text.rstrip("/")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of what `[[]` may mean to Python one day
            compiled = GitIgnoreSpecPattern(_BRACKETS.sub(_spelt_out, bare))
            if (
                compiled.include is None or compiled.regex is None
            ):  # an unclosed bracket for example, which fits nothing
                raise ValueError
            expression = re.compile(bounded(str(compiled.regex.pattern)))
    except (ValueError, KeyError, re.error) as error:
        raise HarcliError(f"{place}: '{line}' is no pattern in the syntax of gitignore") from error
    return Pattern(expression, compiled.include, folders_only=bare != text, all_below=bare.endswith("/**"))


def _spelt_out(brackets: re.Match[str]) -> str:
    """Raises KeyError where a class has a name that git does not know either."""
    return _NAMED.sub(lambda named: _CLASSES[named[1]], brackets[0]) if brackets[0].startswith("[") else brackets[0]


def _one_form(text: str) -> str:
    """Patterns and names as they are compared. The library's expressions stop at a line feed, which names may hold; and
    one may have its accents composed, as they are typed, and the other not, as archives from macOS have them."""
    return unicodedata.normalize("NFC", text).replace("\n", "\r")
