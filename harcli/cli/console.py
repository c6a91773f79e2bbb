"""Rich's consoles, for tables and progress bars. Text alone goes through `typer.echo`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from harcli.cli.streams import unfiltered

if TYPE_CHECKING:
    from rich.console import Console


def stdout_console(width: int = 200) -> Console:
    """Standard output.

    Args:
        width: of lines in a file or a pipe, where nothing shall be cut.
    """
    return _console(sys.stdout, width=None if sys.stdout.isatty() else width)


def stderr_console() -> Console:
    """Standard error."""
    return _console(sys.stderr)


def _console(stream: Any, width: int | None = None) -> Console:
    from harcli.cli.rich_console import CleanConsole

    return CleanConsole(file=unfiltered(stream), highlight=False, markup=False, emoji=False, width=width)
