"""`harcli report`: a page that shows results in a browser."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.causes import files_noun
from harcli.cli.options import ResultsArgument, WithoutOption, convert, results_place, words
from harcli.errors import HarcliError

if TYPE_CHECKING:
    from rich.console import Console

    from harcli.report import Summary
    from harcli.results import RunInfo

_MOST_NAMED = 5
"""Photos that could not be shown are named up to so many; the page names them all."""


def report(
    file: ResultsArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page to write, .html; replaced if it exists.")],
    where: Annotated[
        str, typer.Option(metavar="QUERY", help="Only people who fit this query, as in `harcli find`.")
    ] = "",
    without: WithoutOption = "",
    sample: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Only N of the photos with people who fit, chosen at random, the same each time.",
            show_default="all, up to 100,000 people",
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="Heading of the page.", show_default="the results' name")] = "",
    no_thumbnails: Annotated[
        bool, typer.Option("--no-thumbnails", help="Show no pictures, only where in the photo each person is.")
    ] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch photos at URLs to show them; otherwise nothing is fetched.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no summary.")] = False,
) -> None:
    """Make a page to look at results: people with their boxes, filters, and a threshold slider for every attribute.

    The page works offline and needs no server: open it in a browser. If it shows more than 300 people, their pictures
    are in a folder beside it (report_files for report.html).

    Example: harcli report attrs.db --out report.html

    Exit codes: 0 all done, 1 failed, 2 wrong command line, 3 finished, but some photos could not be shown.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"'{out}' must end in .html", param_hint="--out")

    from harcli.cli.console import stderr_console
    from harcli.cli.streams import hush_libraries
    from harcli.report import write_report
    from harcli.results.kept import open_results
    from harcli.results.query import parse

    console = stderr_console()
    hush_libraries()
    with open_results(results_place(file)) as results, _bar(console, quiet) as progress:
        names = results.info.names
        summary = write_report(
            *(results, out),
            title=title,
            where=parse(where, names) if where else None,
            hidden=_hidden(without, results.info),
            thumbnails=not no_thumbnails,
            fetch=fetch,
            sample=sample,
            progress=progress,
        )
    if not quiet:
        _print_summary(console, summary, out)
    for name, why in summary.problems[:_MOST_NAMED]:
        typer.echo(f"harcli: not shown: {name}: {why}", err=True)
    if summary.problems:
        files = len({name for name, _ in summary.problems})
        noun = files_noun(summary.photos, summary.videos)
        moved = files == summary.photos and all(why == "no such file" for _, why in summary.problems)
        hint = "; if they have moved, `harcli tag` their new folder: those that it knows cost nothing" if moved else ""
        typer.echo(f"harcli: {files} of {summary.photos} {noun} could not be shown{hint}", err=True)
        raise typer.Exit(3)


def _hidden(text: str, info: RunInfo) -> set[str]:
    """The attributes that `--without` names, as in `harcli tag`."""
    from harcli.attributes import names_of

    with convert(HarcliError, "--without"):
        return names_of(words(text), {a.name: a.group for a in info.attributes}, leaving_out=True)


@contextlib.contextmanager
def _bar(console: Console, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, if standard error is a terminal; gives what is to be called with (done, total)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Drawing"), BarColumn(), MofNCompleteColumn(), TextColumn("photos"), TimeRemainingColumn())
    disable = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=console, disable=disable, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _print_summary(console: Console, summary: Summary, out: Path) -> None:
    """A small table, as that of `harcli tag`."""
    from rich.table import Table

    from harcli import __version__

    place = f"in {files_noun(summary.photos, summary.videos)}"
    mixed = 0 < summary.videos < summary.photos
    files = f"{summary.photos - summary.videos:,} and {summary.videos:,}" if mixed else f"{summary.photos:,}"
    rows = {"people": f"{summary.people:,}", place: files}
    if summary.sampled_from is not None:
        rows[place] += f", taken by chance of {summary.sampled_from:,}"
    if summary.other_people:
        noun = "person" if summary.other_people == 1 else "people"
        rows["left out by --where"] = f"{summary.other_people:,} {noun}"
    rows |= {"without a person": f"{summary.empty:,}", "unreadable": f"{summary.unreadable:,}"}
    rows["written to"] = str(out)
    if summary.folder is not None:
        rows["pictures"] = f"{summary.folder}, which belongs to the page"
    table = Table(title=f"harcli {__version__}", show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
