"""`harcli doctor`: what this machine and this installation have, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.console import stderr_console, stdout_console

if TYPE_CHECKING:
    from harcli.doctor.check import Check


def doctor(
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON for bug reports, without the names of users, folders or photos.")
    ] = False,
) -> None:
    """Show what this machine and this installation have, what is missing, and which command adds it.

    It looks at the processor, memory, graphics cards and their driver, ONNX Runtime and its providers, the built-in
    models (their digests are checked, and each is run once), the store, the versions of the packages that matter, and
    the settings in harcli.toml. Nothing is changed.

    Example: harcli doctor --json > report.json

    Exit codes: 0 nothing is broken (though something that harcli can do without may be missing), 1 something is.
    """
    from harcli.cli.settings import settings_check
    from harcli.doctor.check import BROKEN
    from harcli.doctor.examine import as_json, examine

    checks = []
    with stderr_console().status("looking") as status:
        for check in examine([settings_check]):
            status.update(f"looking: {check.name}")
            checks.append(check)
    if json:
        from json import dumps

        typer.echo(dumps(as_json(checks), indent=1))
    else:
        _print(checks)
    if any(check.state == BROKEN for check in checks):
        raise typer.Exit(1)


def _print(checks: list[Check]) -> None:
    """A table; below it what can be done."""
    from rich.table import Table

    from harcli.doctor.check import BROKEN, NOTE

    table = Table(show_header=False)
    table.add_column("what", no_wrap=True)
    table.add_column("there is", overflow="fold")
    styles = {BROKEN: "red", NOTE: "yellow"}
    for check in checks:
        table.add_row(check.name, check.text, style=styles.get(check.state))
    console = stdout_console()
    console.print(table)
    for state, title in ((NOTE, "Missing, and harcli works without it:"), (BROKEN, "Broken:")):
        found = [check for check in checks if check.state == state]
        if found:
            console.print(title)
        for check in found:
            console.print(f"  {check.name}: {check.remedy or check.text}", style=styles[state], soft_wrap=True)
    if not any(check.state == BROKEN for check in checks):
        console.print("Nothing is broken.")
