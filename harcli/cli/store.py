"""`harcli store`: what `harcli tag` has kept, and how to remove it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from harcli.cli.plain import PlainCommand
from harcli.cli.streams import write_out

app = typer.Typer(
    no_args_is_help=True, help="Show or remove what `harcli tag` keeps between runs.", rich_markup_mode=None
)

StoreOption = Annotated[
    Path | None,
    typer.Option(
        envvar="HARCLI_STORE", help="The store's file.", show_default="store.db in your folder for program data"
    ),
]


@app.command(cls=PlainCommand)
def show(store: StoreOption = None) -> None:
    """Show where the store is and what is in it.

    Example: harcli store show
    """
    from harcli.tagging.places import default_store
    from harcli.tagging.store_contents import contents

    path = store or default_store()
    write_out(os.fsencode(path) + b"\n")
    if not path.exists():
        typer.echo("nothing is kept")
        return
    megabytes = path.stat().st_size / 1e6
    typer.echo(f"{megabytes:.1f} MB")
    for kept in contents(path):
        noun = "photo" if kept.photos == 1 else "photos"
        typer.echo(f"{kept.photos:,} {noun} by {kept.model} and {kept.detector or 'no detector'}{kept.confidence}")


@app.command(cls=PlainCommand, short_help="Remove the store, or a part of it.")
def clear(
    store: StoreOption = None,
    others: Annotated[bool, typer.Option("--others", help="Keep what was found with the settings used last.")] = False,
) -> None:
    """Remove the store or, with --others, only what was found with settings other than the last.

    Photos, sidecars and result files are not touched.

    Example: harcli store clear
    """
    from harcli.tagging.places import default_store
    from harcli.tagging.store_contents import remove, remove_others

    path = store or default_store()
    if not path.exists():
        typer.echo(f"{path}: nothing is kept", err=True)
    elif others:
        typer.echo(f"{path}: what was found in {remove_others(path):,} photos is removed", err=True)
    else:
        remove(path)
        typer.echo(f"{path}: removed", err=True)
