"""Help and mistakes in plain words, whatever version of Typer is installed: no names of types of Python."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_KINDS = {"int": "N", "float": "NUMBER", "path": "PATH", "file": "PATH", "str": "TEXT"}
"""How a kind of value is called, as in docs/commands.md (`harcli.cli.reference`)."""


def plain_value(column: str) -> str:
    """An option as help names it: `--fps <float range>` becomes `--fps NUMBER`."""
    return re.sub(r"<(?:list\[)?([^<>\]]+?)(?: range)?\]?>", lambda m: _KINDS.get(m[1].lower(), m[1]), column)


def plain_usage(piece: str) -> str:
    """An argument as the line of usage names it: `{PATH...}...` becomes `PATH...`, `[[PHOTO...]]...` `[PHOTO...]`."""
    piece = re.sub(r"\{([^{}]*)\}", r"\1", piece)
    piece = re.sub(r"\[(\[[^\[\]]*\])\]", r"\1", piece)
    return re.sub(r"\.\.\.(\]?)\.\.\.", r"...\1", piece)


def plain_mistake(message: str) -> str:
    """What is wrong with a value, without what pydantic puts before it."""
    return message.removeprefix("Value error, ").replace("Input should be ", "it should be ", 1)


class PlainCommand(TyperCommand):
    """A command of harcli."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The line of usage, in parts."""
        return [plain_usage(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options, with what they are for."""
        _write_parameters(self, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = plain_mistake(error.message)
            raise


class PlainGroup(TyperGroup):
    """A command of harcli that has commands below it."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Options, with what they are for, and the commands."""
        _write_parameters(self, ctx, formatter)
        self.format_commands(ctx, formatter)


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    rows: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            name, text = record
            kind = str(parameter.param_type_name)
            rows[kind].append((name.partition(" <")[0] if kind == "argument" else plain_value(name), text))
    for title, lines in (("Arguments", rows["argument"]), ("Options", rows["option"])):
        if lines:
            with formatter.section(title):
                formatter.write_dl(lines)
