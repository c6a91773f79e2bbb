"""Where tables for people go."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def stdout_console() -> Console:
    """Standard output; in a file or a pipe, lines are as long as they need to be.

    What cannot be encoded, in the name of a file, is shown as `\\udcff`.
    """
    from rich.console import Console

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
