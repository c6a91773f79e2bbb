"""Commands that take their options from `harcli.toml` too."""

from __future__ import annotations

from typing import Any

import typer

from harcli.cli.plain import PlainCommand
from harcli.cli.settings import NO_SETTINGS, load, without_rivals

_OWN = ("out",)
"""Options of other commands that mean something else than those of `harcli tag`."""


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
                values, lines = load()
                own = {parameter.name for parameter in self.params} - set(self._not_taken)
                values = {name: value for name, value in values.items() if name in own}
                said = [name for name, value in given.items() if value not in (None, False, [])]
                ctx.default_map = without_rivals(values, said)
                if values and not given.get("quiet", values.get("quiet")):
                    for line in lines:
                        typer.echo(f"harcli: settings of {line}", err=True)
        return super().parse_args(ctx, args)


class OtherCommand(TagCommand):
    """A command that has some options of `harcli tag`."""

    _not_taken = _OWN
