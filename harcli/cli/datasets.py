"""`harcli datasets`: which data sets there are, and whether one on disk is what its authors publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.console import stderr_console, stdout_console
from harcli.cli.plain import PlainCommand

if TYPE_CHECKING:
    from rich.table import Table

    from harcli.datasets.check import Findings

SHOWN = 5  # missing images that are named
INCOMPLETE = 3

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List data sets, or check one on disk.")


@app.command("list", cls=PlainCommand, short_help="List the data sets that harcli reads.")
def list_datasets(
    root: Annotated[
        Path | None, typer.Option(envvar="HARCLI_DATA", help="Folder with one folder per data set.")
    ] = None,
) -> None:
    """List the data sets that harcli reads: name, size, splits, terms, and whether it is under --root.

    Example: harcli datasets list --root data
    """
    from rich.table import Table

    from harcli.datasets import DATASETS

    table = Table()
    table.add_column("name", no_wrap=True, overflow="fold")  # it is there to be typed
    for column in ("title", "people", "labels", "splits"):
        table.add_column(column, justify="right" if column in ("people", "labels") else "left", overflow="fold")
    if root is not None:
        table.add_column("here")
    for name, module in DATASETS.items():
        people = f"{module.PUBLISHED.samples:,}" if module.PUBLISHED.samples else ""
        size = (people, str(len(module.ATTRIBUTES)))
        here = () if root is None else ("yes" if (root / name).is_dir() else "",)
        table.add_row(name, module.TITLE, *size, ", ".join(module.SPLITS), *here)
    console = stdout_console()
    console.print(table)
    for name, module in DATASETS.items():
        console.print(f"{name}, terms: {module.TERMS.partition(': ')[2]}", soft_wrap=True)
    console.print("Or a .csv file of your own: docs/training.md says which columns it has.", soft_wrap=True)


@app.command("check", cls=PlainCommand, short_help="Compare a data set on disk with what is published.")
def check_dataset(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A data set (see `harcli datasets list`), or a .csv file of your own.")
    ],
    root: Annotated[Path, typer.Option(envvar="HARCLI_DATA", help="Folder with one folder per data set.")] = Path(),
    decode: Annotated[
        bool, typer.Option("--decode", help="Also decode every image (takes minutes for a large data set).")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this .json file.")] = None,
) -> None:
    """Compare the numbers of images, people, parts and labels of a data set on disk with what its authors publish.

    For a CSV of your own, what it names is counted.

    Exit codes: 0 everything is there as published, 1 the data set cannot be used, 3 it can be used but is not complete.

    Example: harcli datasets check peta --root data
    """
    import json as encoder
    import logging

    from harcli.datasets.check import check
    from harcli.datasets.load import dataset
    from harcli.errors import HarcliError
    from harcli.outputs.whole_file import whole_file

    logging.basicConfig(format="%(message)s")
    module = dataset(name)
    try:
        findings = check(name, root)
    except HarcliError as error:
        if not module.PUBLISHED.samples:  # one's own
            raise
        raise HarcliError(f"{error}; available at {module.SOURCE}; terms of {module.TERMS}") from error
    bad = _undecodable(findings) if decode else None
    if json is not None:
        with whole_file(json) as file:
            file.write(encoder.dumps(findings.as_json(bad), indent=1) + "\n")
    _print(findings, bad or [])
    if not findings.images:
        raise HarcliError(f"{findings.place}: cannot be used: none of the labelled images is here")
    if bad or not findings.complete:
        raise typer.Exit(INCOMPLETE)


def _undecodable(findings: Findings) -> list[tuple[Path, str]]:
    """Images that cannot be decoded, and why; with a bar on a terminal."""
    from rich.progress import track

    from harcli.datasets.check import undecodable

    images = findings.images
    console = stderr_console()
    results = track(undecodable(images), "decoding", len(images), console=console, disable=not console.is_terminal)
    return [result for result in results if result is not None]


def _print(findings: Findings, bad: list[tuple[Path, str]]) -> None:
    from harcli.datasets.load import dataset

    module = dataset(findings.name)
    console = stdout_console()
    console.print(_table(findings))
    if findings.missing:
        shown = ", ".join(path.name for path in findings.missing[:SHOWN])
        more = " ..." if len(findings.missing) > SHOWN else ""
        count = f"{len(findings.missing)} labelled image{'s' * (len(findings.missing) != 1)}"
        console.print(f"missing: {count}: {shown}{more}", style="yellow", soft_wrap=True)
    for path, reason in bad:
        console.print(f"cannot be decoded: {path}: {reason}", style="yellow", soft_wrap=True)
    if note := getattr(module, "NOTE", ""):
        console.print(f"note: {note}", soft_wrap=True)
    if module.PUBLISHED.samples:
        console.print(f"available at: {module.SOURCE}\nterms: {module.TERMS}", soft_wrap=True)
    found = "complete: all as published" if module.PUBLISHED.samples else "complete: every image is here"
    verdict = found if findings.complete and not bad else "incomplete: usable, with what is here"
    console.print(verdict if findings.images else "unusable: no image is here", style="bold")


def _table(findings: Findings) -> Table:
    from rich.table import Table

    from harcli.datasets.load import dataset

    table = Table(title=f"{dataset(findings.name).TITLE} in {findings.place}")
    table.add_column("")
    table.add_column("what")
    of_others = dataset(findings.name).PUBLISHED.samples > 0  # nobody has published what is one's own
    for column in (*(("published",) if of_others else ()), "labelled", "on disk"):
        table.add_column(column, justify="right")
    group = ""
    for count in findings.counts:
        if count.group != group:
            table.add_section()
        name = {"size": "", "positives": "positives", "unknown": "unknown"}.get(count.group, f"split {count.group}")
        published = ("-" if count.published is None else f"{count.published:,}",) if of_others else ()
        style = None if count.complete else "yellow"
        heading = name if count.group != group else ""
        table.add_row(heading, count.what, *published, f"{count.labelled:,}", f"{count.on_disk:,}", style=style)
        group = count.group
    return table
