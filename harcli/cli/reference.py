"""The reference of all commands, made from their declarations: docs/commands.md.

`python -m harcli.cli.reference` in a clone brings it up to date.
"""

from __future__ import annotations

import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.models import ArgumentInfo, OptionInfo, ParamMeta
from typer.utils import get_params_from_function

_EXAMPLE = "Example: "
_VALUES = {int: "N", float: "NUMBER", Path: "PATH"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command, for example `datasets list`.

    Attributes:
        name: what follows `harcli`.
        function: what it calls; its docstring is the help text.
    """

    name: str
    function: Callable[..., Any]

    @property
    def paragraphs(self) -> list[str]:
        """The help text, each paragraph on one line, without the example."""
        return [part for part in self._parts() if not part.startswith(_EXAMPLE)]

    @property
    def example(self) -> str:
        """What to type; empty if the help text has none."""
        return next((part.removeprefix(_EXAMPLE) for part in self._parts() if part.startswith(_EXAMPLE)), "")

    def _parts(self) -> list[str]:
        return [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.getdoc(self.function) or "")]


def commands(app: typer.Typer, prefix: str = "") -> Iterator[Command]:
    """All commands and those below them, in the order of the help. A group is one only if it does something itself."""
    for info in app.registered_commands:
        if info.callback is not None and not info.hidden:
            yield Command(f"{prefix}{info.name or info.callback.__name__.replace('_', '-')}", info.callback)
    for group in app.registered_groups:
        inner = group.typer_instance
        if inner is None or group.hidden is True:
            continue
        callback = inner.registered_callback
        if callback is not None and callback.callback is not None and callback.invoke_without_command is True:
            yield Command(f"{prefix}{group.name}", callback.callback)
        yield from commands(inner, f"{prefix}{group.name} ")


def page(app: typer.Typer) -> str:
    """docs/commands.md."""
    sections = "\n".join(_section(command) for command in commands(app))
    return f"""# Commands

Made from the program by `python -m harcli.cli.reference`. `harcli COMMAND --help` says the same; `harcli --version`
prints the version.

**Tab completes** commands, options, models and attributes, once `harcli --install-completion` has been run in your
shell (bash, zsh, fish, PowerShell). `harcli --show-completion` only prints what that would install.

{_table(app)}
{sections}"""


def _table(app: typer.Typer) -> str:
    """A line for each command, which leads to its section."""
    lines = "".join(
        f"| [`{each.name}`](#harcli-{each.name.replace(' ', '-')}) | {_cell(_sentence(each.paragraphs[0]))} |\n"
        for each in commands(app)
    )
    return f"| command | what it does |\n|---|---|\n{lines}"


def _section(command: Command) -> str:
    parameters = get_params_from_function(command.function).values()
    arguments = [p for p in parameters if isinstance(p.default, ArgumentInfo)]
    options = [p for p in parameters if isinstance(p.default, OptionInfo) and not p.default.hidden]
    usage = " ".join(
        ["harcli", command.name, *(["[OPTIONS]"] if options else []), *(_argument(argument) for argument in arguments)]
    )
    rows = [(f"`{_argument(p)}`", p) for p in arguments] + [(f"`{_option(p)}`", p) for p in options]
    lines = (f"| {_cell(name)} | {_cell(_help(p))} | {_cell(_default(p))} |\n" for name, p in rows)
    head = "| | | default |\n|---|---|---|\n" if rows else ""
    return "\n\n".join(
        [
            f"## harcli {command.name}",
            *command.paragraphs,
            f"```\n{usage}\n```",
            *([f"For example:\n\n```\n{command.example}\n```"] if command.example else []),
            head + "".join(lines),
        ]
    )


def _argument(parameter: ParamMeta) -> str:
    name = parameter.default.metavar or parameter.name.upper()
    many = "..." if typing.get_origin(bare(parameter.annotation)) is list and not name.endswith("...") else ""
    return f"{name}{many}"


def _option(parameter: ParamMeta) -> str:
    """`--out, -o PATH`"""
    info, kind = parameter.default, bare(parameter.annotation)
    dashed = parameter.name.replace("_", "-")
    own = f"--{dashed}, --no-{dashed}" if kind is bool else f"--{dashed}"
    names = ", ".join(info.param_decls or (own,)).replace("/", ", ")
    return names if kind is bool else f"{names} {info.metavar or _value(kind)}"


def _value(kind: Any) -> str:
    if typing.get_origin(kind) is list:
        kind = typing.get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return "|".join(str(member.value) for member in kind)
    return _VALUES.get(kind, "TEXT")


def _help(parameter: ParamMeta) -> str:
    info = parameter.default
    limits = {"at least": info.min, "at most": info.max}
    if None not in limits.values():
        limit = f" From {info.min:g} to {info.max:g}."
    else:
        limit = "".join(f" {words.capitalize()} {value:g}." for words, value in limits.items() if value is not None)
    variable = f" Environment: `{info.envvar}`." if info.envvar else ""
    return f"{info.help or ''}{limit}{variable}"


def _default(parameter: ParamMeta) -> str:
    info = parameter.default
    if isinstance(info.show_default, str):
        return info.show_default
    value = info.default
    if value is ...:
        return "required"
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, Path):
        value = value.as_posix()
    if isinstance(value, bool):
        return "yes" if value else ""
    if value is None or value == "" or callable(value):
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def bare(annotation: Any) -> Any:
    """The type without `None`."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        (annotation,) = (kind for kind in typing.get_args(annotation) if kind is not type(None))
    return annotation


def _sentence(paragraph: str) -> str:
    return paragraph.partition(". ")[0].rstrip(".")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write docs/commands.md."""
    from harcli.cli.main import app
    from harcli.outputs.whole_file import whole_file

    with whole_file(Path(__file__).resolve().parents[2] / "docs" / "commands.md") as stream:
        stream.write(page(app))
    print("docs/commands.md")


if __name__ == "__main__":
    main()
