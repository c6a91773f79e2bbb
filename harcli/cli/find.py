"""`harcli find`: which photos show somebody who ..."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.completion import complete_query
from harcli.cli.ending import end_promptly
from harcli.cli.options import ResultsArgument, results_place
from harcli.cli.streams import Stream, write_out
from harcli.errors import ReaderGone
from harcli.remote.urls import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harcli.results.kept import KeptResults
    from harcli.results.query import Query


def find(
    file: ResultsArgument,
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY...",
            help="Attributes, joined by and, or, not and parentheses; hat > 0.8 compares a probability.",
            autocompletion=complete_query,
        ),
    ],
    minimum: Annotated[
        float | None,
        typer.Option(
            "--min", min=0, max=1, help="Probability from which an attribute counts.", show_default="where it is a tag"
        ),
    ] = None,
    people: Annotated[
        bool,
        typer.Option(
            "--people",
            help="Print one line per person: number, box, score, tags, times in a video, and path, separated by tabs.",
        ),
    ] = False,
    print0: Annotated[
        bool, typer.Option("--print0", "-0", help="End each path with a NUL instead of a line break, for xargs -0.")
    ] = False,
) -> None:
    """Print the photos in which at least one person fits a query, each once, in the order of the results.

    The paths can be opened from the current folder.

    Example: harcli find attrs.db "hat and not sunglasses and (jeans or shorts)" --print0 | xargs -0 ls -l

    Exit codes: 0 searched, whether or not anything was found; 1 failed, or the query was not understood; 2 wrong
    command line.
    """
    from harcli.results.kept import open_results
    from harcli.results.query import parse

    if is_url(file):
        end_promptly()  # a server may take its time
    with open_results(results_place(file)) as results:
        parsed = parse(" ".join(query), results.info.names)
        lines = _people(results, parsed, minimum) if people else _photos(results, parsed, minimum)
        found = _print(lines, end=b"\0" if print0 else b"\n")
    if not found and sys.stderr.isatty():
        typer.echo("harcli: nobody fits", err=True)


def _photos(results: KeptResults, query: Query, minimum: float | None) -> Iterator[str]:
    """The path of each photo of which a person fits."""
    for path in results.paths(query, minimum):
        yield _path(results, path)


def _people(results: KeptResults, query: Query, minimum: float | None) -> Iterator[str]:
    """One line per person who fits. The path comes last, since it is the only field that may hold a tab."""
    for record in results.records(query, minimum):
        if record.box is not None:
            box = ",".join(f"{value:.1f}" for value in record.box)
            tags = ";".join(record.tags)
            seen = f"{record.seen.start:.2f}-{record.seen.end:.2f}" if record.seen else ""
            yield f"{record.person}\t{box}\t{record.score or 0:.4f}\t{tags}\t{seen}\t{_path(results, record.path)}"


def _path(results: KeptResults, path: str) -> str:
    """Where the photo lies, seen from the current folder: as stored if that is where the run was started."""
    if Path.cwd() != Path(results.info.folder):
        return str(results.locate(path))
    # A name like -rf is no option then, whoever is given it.
    return f"./{path}" if path.startswith("-") else path


def _print(lines: Iterable[str], end: bytes) -> bool:
    """Write each line as the bytes that the system has for it; whether there was one."""
    found = False
    try:
        for line in lines:
            found = True
            write_out(os.fsencode(line) + end)
        sys.stdout.flush()
    except ReaderGone:  # `head` for example has had enough
        if isinstance(sys.stdout, Stream):
            sys.stdout.forgive()
    return found
