"""Rich's console, whose text no terminal obeys; only Rich's own colours and movements reach it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from harcli.printable import printable


class CleanConsole(Console):
    """Shows control characters in text, see `harcli.cli.streams.printable`."""

    def render_str(self, text: str, *args: Any, **options: Any) -> Text:
        """A string as Rich's text; here so that tables leave enough room."""
        return super().render_str(printable(text), *args, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Everything that is printed, in pieces; here so that nothing is left out."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(printable(piece.text), piece.style)
