"""Options from `harcli.toml`: every one of `harcli tag`, below the command line and above the built-in values."""

from __future__ import annotations

import enum
import os
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
import typer.main

from harcli.cli.options import parse_thresholds
from harcli.cli.plain import plain_mistake
from harcli.errors import HarcliError
from harcli.near import did_you_mean
from harcli.remote.urls import is_url
from harcli.settings_files import SettingsFile, settings_files

if TYPE_CHECKING:
    from harcli.doctor.check import Check

NO_SETTINGS = "no_settings"

_WORDS = ("attributes", "without")
"""One text with commas on the command line; in a file a list may stand for it."""

_DESTINATIONS = ("out", "save_crops", "store")

_RIVALS = {
    **{"sure": ("more",), "more": ("sure",)},
    **{"no_detect": ("detector", "confidence"), "detector": ("no_detect",), "confidence": ("no_detect",)},
    **{"store": ("no_store",), "no_store": ("fresh",), "fresh": ("no_store",)},
    "source": ("model", "detector", "no_detect", "confidence", "min_height", "threshold", "sure", "more"),
}
"""What an option puts out of force where both cannot hold: the one that stands higher counts."""


class Loaded(NamedTuple):
    """What the files say together.

    Attributes:
        values: by the names of parameters, as the command line would give them.
        said: for each file that says something, `key = value` by the names of parameters.
        told: by the names of parameters, file and key: `harcli.toml: min-height`.
    """

    values: dict[str, Any]
    said: list[tuple[Path, dict[str, str]]]
    told: dict[str, str]

    def lines(self, taken: Container[str] | None = None) -> list[str]:
        """For people, one line for each file: of these options alone, where the file's own value counts."""
        lines = []
        for file, texts in self.said:
            ours = [name for name in texts if self.told[name].startswith(f"{file}: ")]
            counts = list(texts) if taken is None else [name for name in ours if name in taken]
            if counts:
                lines.append(f"{file}: {', '.join(texts[name] for name in counts)}")
        return lines


def load() -> Loaded:
    """Read the files.

    Raises:
        HarcliError: a file cannot be read, or says what is no option, or no value of one.
    """
    values: dict[str, Any] = {}
    said: list[tuple[Path, dict[str, str]]] = []
    told: dict[str, str] = {}
    for file in settings_files():
        own, keys = _checked(file)
        values = without_rivals(values, own) | own
        told |= {name: f"{file.path}: {key}" for name, key in keys.items()}
        if own:
            said.append((file.path, {name: f"{key} = {shown_value(file.values[key])}" for name, key in keys.items()}))
    return Loaded(values, said, told)


def without_rivals(values: Mapping[str, Any], higher: Iterable[str]) -> dict[str, Any]:
    """The values without those that cannot hold beside the parameters `higher`."""
    gone = {rival for name in higher for rival in _RIVALS.get(name, ())}
    return {name: value for name, value in values.items() if name not in gone}


def settings_check() -> Check:
    """What `harcli doctor` says of the files."""
    from harcli.doctor.check import BROKEN, Check

    try:
        loaded = load()
    except HarcliError as error:
        return Check("settings", str(error), {"readable": False}, BROKEN, "mend the file, or use --no-settings")
    text = "; ".join(loaded.lines()) or "none (no harcli.toml)"
    return Check("settings", text, {"files": len(loaded.said), "options": sorted(loaded.values)})


def _checked(file: SettingsFile) -> tuple[dict[str, Any], dict[str, str]]:
    """The file's values by the names of parameters, each as the option would take it; and the key of each."""
    command, kinds = _options()
    context = typer.Context(command, info_name="tag")
    parameters = {parameter.name: parameter for parameter in command.params}
    values, keys = {}, {}
    for key, given in file.values.items():
        plain = key.replace("_", "-")
        if plain not in kinds and isinstance(given, dict):
            raise HarcliError(f"{file.path}: there is no table [{key}]; options stand by themselves, without a table")
        if plain not in kinds:
            meant = did_you_mean([key], kinds, f"there are {', '.join(kinds)}")
            raise HarcliError(f"{file.path}: harcli tag has no option '{key}'; {meant}")
        name, kind = kinds[plain]
        keys[name], where = key, f"{file.path}: {key}"
        value = _value(given, name, kind, where)
        if not file.own:
            _check_trust(name, value, where)
        try:
            parameters[name].process_value(context, value)
            if name == "threshold":
                parse_thresholds(value)
        except typer.BadParameter as error:
            raise HarcliError(f"{where}: {plain_mistake(error.message)}") from error
        values[name] = value
    return values, keys


def _options() -> tuple[Any, dict[str, tuple[str, Any]]]:
    """`harcli tag`, and each of its options (`min-height`) with parameter (`min_height`) and type (`float`)."""
    from typer.models import OptionInfo
    from typer.utils import get_params_from_function

    from harcli.cli.reference import bare
    from harcli.cli.tag import tag

    app = typer.Typer()
    app.command("tag")(tag)
    kinds = {}
    for parameter in get_params_from_function(tag).values():
        info = parameter.default
        if isinstance(info, OptionInfo) and parameter.name != NO_SETTINGS:
            long = next((each for each in info.param_decls or () if each.startswith("--")), f"--{parameter.name}")
            kinds[long.lstrip("-").replace("_", "-")] = (parameter.name, bare(parameter.annotation))
    return typer.main.get_command(app), kinds


def _value(given: Any, name: str, kind: Any, where: str) -> Any:
    """What TOML gives as the command line would.

    Raises:
        HarcliError: it is of another type.
    """
    if kind is bool:
        return _of(given, bool, where, "true or false")
    if kind in (int, float):
        return _of(given, (int,) if kind is int else (int, float), where, "a number")
    if name in _WORDS:
        texts = given if isinstance(given, list) else [given]
        return ",".join(_of(text, str, where, 'a list such as ["sex", "age"]') for text in texts)
    if name == "threshold":
        return _thresholds(given, where)
    if kind is str or kind is Path or (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        return os.path.expanduser(_of(given, str, where, "a text in quotation marks"))  # noqa: PTH111
    texts = given if isinstance(given, list) else [given]
    return [os.path.expanduser(_of(text, str, where, "a text, or a list of texts")) for text in texts]  # noqa: PTH111


def _thresholds(given: Any, where: str) -> list[str]:
    """`0.6`, `["0.6", "hat=0.3"]` or `{hat = 0.3}`, each as the option has it."""
    wanted = "a probability, or a table such as { hat = 0.3 }"
    if isinstance(given, dict):
        return [f"{key}={_of(value, (int, float), where, wanted)}" for key, value in given.items()]
    each = given if isinstance(given, list) else [given]
    return [str(_of(value, (int, float, str), where, wanted)) for value in each]


def _of(value: Any, kinds: Any, where: str, wanted: str) -> Any:
    """The value, if it is of the kind; true and false are no numbers."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise HarcliError(f"{where}: must be {wanted}, not {shown_value(value)}")
    return value


def _check_trust(name: str, value: Any, where: str) -> None:
    """A file that came with a folder of photos must not make harcli write elsewhere, nor run a stranger's program.

    Raises:
        HarcliError: it would.
    """
    if name == "detector" and str(value).lower().endswith(".pt"):
        raise HarcliError(f"{where}: a .pt file can run programs; name it on the command line, or in your own settings")
    if name == "on" and value:
        raise HarcliError(f"{where}: {value} may be anybody's; name it on the command line, or in your own settings")
    for each in (value if isinstance(value, list) else [value]) if name in _DESTINATIONS else []:
        if is_url(each) or (not Path(each).resolve().is_relative_to(Path.cwd()) and each != "-"):
            raise HarcliError(
                f"{where}: {each} lies outside this folder; name it on the command line, or in your own settings"
            )


def shown_value(value: Any) -> str:
    """A value in short, as TOML has it."""
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
