"""Standard input, output and error as the system may hand them over: closed, full, gone, or a terminal that obeys.

A file's name, an attribute's or a model's text may hold control characters, which a terminal would carry out: move the
cursor, change the window's title, hide what follows. All text that is printed goes through `Stream`, which shows them
instead. Rich's own colours are written past it by the consoles of `harcli.cli.console`, which clean their text before.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any, TextIO

from harcli.errors import HarcliError, ReaderGone
from harcli.printable import printable


class Stream:
    """Standard output or error, for text.

    Standard error is for people: if it is closed or full, that changes nothing. Standard output is what was asked for:
    if it cannot be written, the command fails.

    Attributes:
        unfiltered: the same, but for text that is clean already or of one's own making.
    """

    def __init__(self, raw: TextIO, *, filtered: bool = True) -> None:
        """
        Args:
            raw: standard output or error as Python made it.
        """
        self._raw = raw
        self._filtered = filtered
        self._is_output = raw.fileno() == 1
        self._failed: OSError | ValueError | None = None
        self.unfiltered: Stream = Stream(raw, filtered=False) if filtered else self

    def write(self, text: str) -> int:
        """Write text; control characters are shown. A carriage return at the very beginning is the caller's."""
        if not isinstance(text, str):
            raise TypeError(f"expected text, not {type(text).__name__}")
        if self._filtered:
            start = "\r" if text.startswith("\r") else ""
            clean = start + printable(text.removeprefix(start))
        else:
            clean = text
        with self._errors():
            self._raw.write(clean)
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes as they are, unless a terminal would read them."""
        if self._raw.isatty():
            self.write(data.decode("utf-8", "surrogateescape"))
            return
        with self._errors():
            self._raw.flush()
            self._raw.buffer.write(data)

    def flush(self) -> None:
        """Hand over what was written."""
        with self._errors():
            self._raw.flush()

    def forgive(self) -> None:
        """That it could not be written is no failure; what is still written goes nowhere."""
        self._failed = None

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        """All else as the stream has it, but for `buffer`, by which text would get around the filter."""
        if name == "buffer":
            raise AttributeError("bytes are written by write_bytes")
        return getattr(self._raw, name)

    @contextlib.contextmanager
    def _errors(self) -> Any:
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: a stream that is closed
            if self._failed is None and self._is_output:
                self._failed = error
                # What is in Python's buffer would be written, and complained of, once more at the end.
                with contextlib.suppress(OSError):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if self._failed is not None:  # said each time: libraries try whether they can write, and go on if not
            if isinstance(self._failed, BrokenPipeError):
                raise ReaderGone from self._failed
            raise HarcliError(f"standard output: writing failed ({_reason(self._failed)})") from self._failed


def protect() -> None:
    """Put `Stream` in place of standard output and error. Of the three streams, those that are closed are opened, such
    that using them fails: the first file that is opened would take their place, and get what is printed."""
    for descriptor, wrong_way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, wrong_way)  # takes the lowest number that is free, which is this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = _stream(sys.stdout, 1)
    # Of its own, since libraries know 2: see `hush_libraries`.
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr = _stream(os.fdopen(os.dup(2), "w", 1, encoding=encoding), 2)


def hush_libraries() -> None:
    """From now on let nobody but harcli write to standard error. Decoders tell there what is wrong with a damaged file,
    dozens of lines without its name; it has a record that says why. Nothing happens where the stream is not ours."""
    if isinstance(sys.stderr, Stream):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _stream(found: TextIO | None, descriptor: int) -> Any:
    raw = found or open(descriptor, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if isinstance(raw, io.TextIOWrapper):
        raw.reconfigure(errors="backslashreplace")
    return Stream(raw)


def finish() -> None:
    """Hand over what was printed, before the process ends.

    Raises:
        ReaderGone, HarcliError: see `write_out`.
    """
    printed, sys.stdout = sys.stdout, sys.__stdout__  # which Python flushes once more
    printed.flush()


def unfiltered(stream: Any) -> Any:
    """The stream for text that is clean already."""
    return getattr(stream, "unfiltered", stream)


def write_out(data: bytes) -> None:
    """Bytes, those of a file's name for one, to standard output, as they are unless that is a terminal.

    Raises:
        ReaderGone: whoever reads standard output has closed it.
        HarcliError: writing failed for another reason.
    """
    if isinstance(sys.stdout, Stream):
        sys.stdout.write_bytes(data)
    else:  # called from Python
        sys.stdout.buffer.write(data)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
