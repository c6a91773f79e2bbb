"""`harcli export`: results that are kept, in other forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.ending import end_promptly
from harcli.cli.options import ResultsArgument, results_place
from harcli.cli.output_options import Format, PathStyle, check_outputs
from harcli.remote.urls import is_url

if TYPE_CHECKING:
    from harcli.outputs import OutputOptions
    from harcli.results.kept import KeptResults
    from harcli.results.query import Query


def export(
    file: ResultsArgument,
    out: Annotated[
        list[Path],
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Result file: .csv, .json, .jsonl, .parquet, .coco.json or .db; - for standard output. May be "
            "repeated.",
        ),
    ],
    where: Annotated[
        str | None,
        typer.Option(metavar="QUERY", help="Only people who fit this query, for example 'hat and not sunglasses'."),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="Format of --out, if its ending does not tell.")
    ] = None,
    long: Annotated[
        bool, typer.Option("--long", help="One row per person and attribute (CSV, JSONL, Parquet).")
    ] = False,
    csv_safe: Annotated[
        bool,
        typer.Option(
            "--csv-safe", help="Make CSV safe for spreadsheets: no text runs as a formula, and Excel shows umlauts."
        ),
    ] = False,
    paths: Annotated[
        PathStyle, typer.Option(help="How to name photos; relative: to the result file's folder.")
    ] = PathStyle.named,
) -> None:
    """Write results in another format: all of them, or only the people who fit a query.

    Each file is written whole or not at all, and replaced if it exists.

    Example: harcli export attrs.db --out hats.csv --where "hat and not sunglasses"
    """
    from harcli.outputs import OutputOptions
    from harcli.results.kept import open_results

    options = OutputOptions(form.value if form else "", long, csv_safe)
    check_outputs(out, options)
    place = results_place(file)
    if isinstance(place, Path):
        _check_apart(place, out)
    if is_url(file):
        end_promptly()  # a server may take its time
    with open_results(place) as results:
        query = None
        if where is not None:
            from harcli.results.query import parse

            query = parse(where, results.info.names)
        count = _write(results, query, out, options, paths.value)
    for target in out:
        if target != Path("-"):
            typer.echo(f"{target}: {count} record{'' if count == 1 else 's'}", err=True)


def _check_apart(place: Path, out: list[Path]) -> None:
    """See that nothing is written where results are read.

    Raises:
        typer.BadParameter: it would be.
    """
    if place.resolve() in [target.resolve() for target in out]:
        raise typer.BadParameter(f"'{place}' is what is read; name another file", param_hint="--out")
    if place.is_dir() and any(
        target.resolve().is_relative_to(place.resolve()) for target in out if target != Path("-")
    ):
        raise typer.BadParameter(f"'{place}' is what is read; name a file outside it", param_hint="--out")


def _write(results: KeptResults, query: Query | None, out: list[Path], options: OutputOptions, style: str) -> int:
    """Write the records that fit to all files at once; how many there were."""
    from contextlib import ExitStack

    from harcli.outputs import fitting, open_output, path_styler

    count = 0
    with ExitStack() as stack:
        outputs = []
        for target in out:
            info, styled = path_styler(style, results.info, target)
            outputs.append((stack.enter_context(open_output(target, info, fitting(target, options))), styled))
        for record in results.records(query):
            count += 1
            for sink, styled in outputs:
                sink.write(styled(record))
    return count
