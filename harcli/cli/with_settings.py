"""Commands that take their options from `harcli.toml` too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from harcli.cli.plain import PlainCommand, plain_mistake
from harcli.cli.settings import NO_SETTINGS, load, shown_value, without_rivals
from harcli.errors import HarcliError

_OWN = ("out",)
"""Options of other commands that mean something else than those of `harcli tag`."""

_TOLD = "harcli.settings"
"""Key in the context: where each value of a file stands."""


class TagCommand(PlainCommand):
    """`harcli tag`: every option may stand in the file, and `--no-xmp` puts a flag out of force for once."""

    _not_taken: tuple[str, ...] = ()

    def make_parser(self, ctx: Any) -> Any:
        """The command line's, and the opposite of each flag. Help does not name those."""
        parser: Any = super().make_parser(ctx)
        names = {name for parameter in self.params for name in parameter.opts}
        for parameter in self.params:
            flag = parameter.opts[0]
            opposite = flag.replace("--no-", "--", 1) if flag.startswith("--no-") else flag.replace("--", "--no-", 1)
            settable = getattr(parameter, "is_flag", False) and parameter.name not in (NO_SETTINGS, "help")
            if settable and opposite not in names:
                parser.add_option(parameter, [opposite], parameter.name, action="store_const", const=False)
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the files as well, but for help and completion."""
        if not ctx.resilient_parsing and not {"--help", "-h"} & set(args):
            given, _, _ = self.make_parser(ctx).parse_args(list(args))
            if not given.get(NO_SETTINGS):
                loaded = load()
                own = {parameter.name for parameter in self.params} - set(self._not_taken)
                values = {name: value for name, value in loaded.values.items() if name in own}
                said = [name for name, value in given.items() if value not in (None, False, [])]
                ctx.default_map = without_rivals(values, said)
                ctx.meta[_TOLD] = loaded.told
                if not given.get("quiet", values.get("quiet")):
                    for line in loaded.lines(ctx.default_map.keys() - given.keys()):
                        typer.echo(f"harcli: settings of {line}", err=True)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Do it; where a value of a file is wrong, say so of the file, and not of the command line.

        Raises:
            HarcliError: names file and key, for a `typer.BadParameter` of an option that is from a file; for another
                obstacle, it adds which values of files the message is about.
        """
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            for _, option, where in _from_files(ctx):
                if error.param_hint == option:
                    message = re.sub(r"(?<!\S)--(?=[a-z])", "", plain_mistake(error.message))
                    raise HarcliError(f"{where}: {message}") from error
            raise
        except HarcliError as error:
            about = [
                f"{where} = {shown_value(ctx.params[name])}"
                for name, option, where in _from_files(ctx)
                if _is_about(str(error), option, ctx.params[name])
            ]
            if not about or error.several_lines:
                raise
            raise HarcliError(f"{error} ({'; '.join(about)})") from error


def _from_files(ctx: Any) -> Iterator[tuple[str, str, str]]:
    """The options whose values are from files: name of the parameter, `--min-height`, `harcli.toml: min-height`."""
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name)
        if source is not None and source.name == "DEFAULT_MAP":
            option = next(each for each in parameter.opts if each.startswith("--"))
            yield parameter.name, option, ctx.meta[_TOLD][parameter.name]


def _is_about(message: str, option: str, value: Any) -> bool:
    """Whether a message names the option, or a text that is its value."""
    several = value if isinstance(value, (list, tuple)) else [value]
    texts = [str(text) for text in several if isinstance(text, (str, Path))]
    words = [option, *(text for text in texts if any(map(str.isalnum, text)))]  # not a dot, which ends sentences too
    return any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", message) for word in words)


class OtherCommand(TagCommand):
    """A command that has some options of `harcli tag`."""

    _not_taken = _OWN
