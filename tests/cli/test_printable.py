"""Text from strangers, as it is shown in a terminal."""

from __future__ import annotations

import pytest

from harcli.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain \N{GREEK SMALL LETTER ALPHA}\tx\n", "plain \N{GREEK SMALL LETTER ALPHA}\tx\n"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m\r\x7f", "\\x9b31m\\x0d\\x7f"),
        ("gpj\u202efdp", "gpj\\u202efdp"),
        ("M\udcfcller", "M\\xfcller"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert one_line("a\nb") == "a\\nb"
