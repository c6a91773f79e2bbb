"""What `harcli evaluate` shows: tables on standard output and in files, progress on standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer


def print_report(result: Mapping[str, Any], about_people: Sequence[str]) -> None:
    """Tables on standard output, the conventions below them.

    Args:
        about_people: attributes about sex or age, a line each in the tables of error rates.
    """
    from harcli.cli.console import stdout_console
    from harcli.evaluation.groups import group_table
    from harcli.evaluation.report import COLUMNS, MEANS, means_table, scored, table, title_of

    console = stdout_console(width=120)
    _show(console, COLUMNS, table(result), title_of(result))
    for name, division in result.get("groups", {}).items():
        head, rows = group_table(division, about_people)
        _show(console, head, rows, f"error rates by {name} (people)")
    _show(console, ("data set", "images", *MEANS), means_table(result), "")
    console.print(scored(result))
    if tags := result.get("tags"):
        console.print(_tags(tags))
    console.print(f"{result['convention']}; thresholds: {result['thresholds']}")


def write_report(result: Mapping[str, Any], out: Sequence[Path], chart: Path | None, dataset: str) -> None:
    """All figures as JSON, tables as CSV and Markdown, by the endings of `out`; and a chart."""
    import json

    from harcli.evaluation.report import as_csv, as_markdown
    from harcli.outputs.whole_file import whole_file

    texts = {".csv": as_csv, ".md": as_markdown}
    for path in out:
        text = write(result) if (write := texts.get(path.suffix.lower())) else json.dumps(result, indent=1) + "\n"
        with whole_file(path) as file:
            file.write(text)
    if chart is not None:
        from harcli.evaluation.chart import draw

        draw(result, f"{result['model']}: {result['part']} part of {dataset}, {result['images']:,} images", chart)


def _tags(tags: Mapping[str, Any]) -> str:
    """One line about the tags that `harcli tag` would give."""
    rates = [f"{tags[name]:.1%}" if tags[name] is not None else "-" for name in ("precision", "recall")]
    error = tags["calibration error"]
    return (
        f"tags: {tags['given']:,} given on what is known, {rates[0]} of them true, {rates[1]} of the true ones given; "
        f"{tags['unseen']:,} given on what cannot be seen; "
        f"calibration error {'-' if error is None else f'{error:.3f}'}"
    )


def _show(console: Any, head: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    shown = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for i, column in enumerate(head):
        shown.add_column(column, justify="left" if i == 0 else "right", no_wrap=i == 0)
    for row in rows:
        shown.add_row(*row)
    if title:
        console.print(title, style="bold")
    console.print(shown)


class Progress:
    """How many images are scored, on a terminal, on standard error."""

    def __init__(self, total: int) -> None:
        self.total = total

    def __call__(self, count: int) -> None:
        import sys

        if sys.stderr.isatty():
            typer.echo(f"\r{count}/{self.total} images", err=True, nl=count == self.total)
