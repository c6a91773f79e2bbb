"""A model's card in a terminal."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table


class _WholeTable(TableElement):
    """A table that breaks words where there is no room for them; Rich's own would cut them off, so that `hair-black`
    and `hair-blond` both were `hair-bl…`."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
                if table.columns:
                    table.columns[0].no_wrap = _longest(table) * 3 < options.max_width  # a name, to be typed
            yield table


def _longest(table: Table) -> int:
    """Characters of the longest cell of the first column."""
    return max((len(str(cell)) for cell in table.columns[0].cells), default=0)


class Card(Markdown):
    """Markdown whose tables lose nothing."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "table_open": _WholeTable}
