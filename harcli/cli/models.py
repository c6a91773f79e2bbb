"""`harcli models`: which models are installed, and what each says about itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.completion import complete_any_model
from harcli.cli.console import stderr_console, stdout_console
from harcli.cli.options import Provider, ThreadsOption
from harcli.cli.plain import PlainCommand, PlainGroup
from harcli.cli.streams import write_out
from harcli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harcli.tagging.installed_models import InstalledModel

app = typer.Typer(cls=PlainGroup, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    provider: Annotated[
        Provider, typer.Option(case_sensitive=False, help="What to measure the speed on.")
    ] = Provider.auto,
    no_speed: Annotated[bool, typer.Option("--no-speed", help="Do not measure the speed.")] = False,
    threads: ThreadsOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON, for scripts.")] = False,
) -> None:
    """List the installed models: kind, size, attributes, scores, terms, and the speed on this machine.

    These are the models that come with harcli, and those in the folder that HARCLI_MODEL_DIR names: NAME.onnx or
    NAME/model.onnx. `--model` and `--detector` take their names.

    Example: harcli models --no-speed

    Exit codes: 0 all can be used, 1 failed, 3 some cannot be used.
    """
    if context.invoked_subcommand is not None:
        return
    from harcli.runtime import limit_threads

    limit_threads(threads)
    found = list(_describe(None if no_speed else provider.value))
    if json:
        _print_json(found)
    else:
        _print_table(found)
    if any(model.error for model in found):
        raise typer.Exit(3)


@app.command("show", cls=PlainCommand, short_help="Print a model's card, its attributes and thresholds.")
def show_model(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A model's name, its folder or its .onnx file.", autocompletion=complete_any_model
        ),
    ],
) -> None:
    """Print a model's card, and its attributes with groups, meanings and thresholds.

    Into a file or a pipe, it is written as Markdown.

    Example: harcli models show da-har-lite2
    """
    from harcli.cli.card import Card
    from harcli.errors import HarcliError
    from harcli.models_dir import find_model, installed
    from harcli.near import did_you_mean
    from harcli.tagging.installed_models import describe

    file = find_model(name)
    if file is None:
        known = installed()
        raise HarcliError(f"no model '{name}'; {did_you_mean([name], known, 'there are ' + ', '.join(known))}")
    model = describe(file.resolve().parent.name if file.name == "model.onnx" else file.stem, file)
    if model.error:
        raise HarcliError(model.error)
    text = f"{_card(model)}\n{_attributes(model)}"
    if sys.stdout.isatty():
        stdout_console().print(Card(printable(text)))  # links are no text, but would be printed
    else:
        write_out(text.encode("utf-8", "surrogateescape"))


def _describe(provider: str | None) -> Iterator[InstalledModel]:
    from harcli.models_dir import installed
    from harcli.tagging.installed_models import describe

    with stderr_console().status("") as status:
        for name, file in installed().items():
            status.update(f"looking at {name}")
            yield describe(name, file, provider)


def _print_json(models: list[InstalledModel]) -> None:
    import json
    from dataclasses import asdict

    rows = [asdict(model) | {"file": str(model.file.resolve())} for model in models]
    typer.echo(json.dumps(rows, indent=1))


def _print_table(models: list[InstalledModel]) -> None:
    from rich.table import Table

    table = Table()
    table.add_column("name", no_wrap=True, overflow="fold")  # it is there to be typed
    for column in ("kind", "MB", "attributes", "scores", "speed here"):
        table.add_column(column, justify="right" if column in ("MB", "attributes") else "left")
    for model in models:
        scores = "\n".join(_score(model, name, value) for name, value in model.scores.items())
        count = str(len(model.attributes)) if model.attributes else ""
        kind = model.kind or "unusable"
        if len(model.precisions) > 1:
            kind += "".join(f"\n{each}{' (used here)' * (each == model.precision)}" for each in model.precisions)
        table.add_row(model.name, kind, f"{model.size / 1e6:.1f}", count, scores, _speed(model))
    console = stdout_console()
    console.print(table)
    for model in models:
        if model.error:
            console.print(f"{model.name} cannot be used: {model.error}", style="yellow", soft_wrap=True)
        elif model.licence:
            terms = "; ".join(dict.fromkeys(model.licence.split("; ")))  # several data sets may have the same
            console.print(f"{model.name}, terms: {terms}", soft_wrap=True)
        for reason in model.stale:
            console.print(f"{model.name}, not used: {reason}", style="yellow", soft_wrap=True)


def _score(model: InstalledModel, name: str, value: float) -> str:
    """A mean says over how many attributes it goes: models do not all have the same."""
    over = f" (of {len(model.attributes)})" if name == "mAP" else ""
    return f"{name} {value:.3f}{over}"


def _speed(model: InstalledModel) -> str:
    if model.speed is None:
        return ""
    what = "people" if model.kind == "attributes" else "photos"
    return f"{model.speed.images_per_second:.3g} {what}/s ({model.speed.provider})"


def _card(model: InstalledModel) -> str:
    """The card beside the file; without one, what the file says."""
    from harcli.errors import HarcliError

    card = model.card
    if card is not None:
        try:
            return card.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise HarcliError(f"{card}: cannot be read ({getattr(error, 'strerror', 'not UTF-8')})") from error
    facts = {"version": model.version, "data sets": ", ".join(model.datasets), "terms": model.licence}
    lines = (f"- {name}: {fact}\n" for name, fact in facts.items() if fact)
    return f"# {model.name}\n\n{''.join(lines)}"


def _attributes(model: InstalledModel) -> str:
    """A Markdown table; empty for a detector, which has none."""
    from harcli.attributes import ATTRIBUTES

    if not model.attributes:
        return ""
    rows = (
        f"| {spec.name} | {spec.group} | {ATTRIBUTES[spec.name].meaning if spec.name in ATTRIBUTES else ''} "
        f"| {spec.threshold:.3f} |\n"
        for spec in model.attributes
    )
    head = "| attribute | group | meaning | threshold |\n| --- | --- | --- | --- |\n"
    return f"## Attributes, and from which probability each is a tag\n\n{head}{''.join(rows)}"
