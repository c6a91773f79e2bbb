"""Text that a terminal only shows."""

from __future__ import annotations

import re

# C0 and C1 controls but for tab and line feed, line separators, what turns the direction of writing, lone surrogates.
_UNSAFE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Text that no terminal obeys: control characters stand as `\\x1b`, bytes that are not UTF-8 as `\\xff`."""
    return _UNSAFE.sub(_escape, text)


def one_line(text: str) -> str:
    """The same, and in one line."""
    return printable(text).replace("\n", "\\n")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # as `os.fsdecode` gives the byte
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
