"""Standard output for data alone."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO, cast

from harcli.errors import HarcliError, ReaderGone
from harcli.printable import printable


class _Shown:
    """A terminal, which would obey what names of files may hold."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(printable(text))
        return len(text)


@contextlib.contextmanager
def standard_output() -> Iterator[TextIO]:
    """Standard output as UTF-8 text, each line written at once; on a terminal, control characters in it are shown.

    Until the block ends, what libraries print goes to standard error, so that it does not get among the data.

    Raises:
        ReaderGone: whoever reads has closed it.
        HarcliError: writing failed for another reason, a full disk for one.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with contextlib.suppress(OSError):  # a standard error that is closed
            os.dup2(2, 1)
        with open(os.dup(kept), "w", 1, encoding="utf-8", errors="surrogateescape", newline="") as stream:  # noqa: PTH123
            yield cast(TextIO, _Shown(stream)) if os.isatty(kept) else stream
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        if error.filename is not None:
            raise  # not about standard output
        raise HarcliError(f"standard output: writing failed ({error.strerror or error})") from error
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
