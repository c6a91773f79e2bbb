"""The files `harcli.toml`: where they may lie, and their text as TOML. What may stand in them, the commands say."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harcli.errors import HarcliError

NAME = "harcli.toml"

SETTINGS_VARIABLE = "HARCLI_SETTINGS"
"""The environment variable that names a file in place of the user's own; empty: there is none."""

_LARGEST = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """One file.

    Attributes:
        path: where it lies; `harcli.toml` in the current folder.
        own: whether it is the user's; the one in a folder may have come with strangers' photos.
        values: what TOML says, as it stands there.
    """

    path: Path
    own: bool
    values: dict[str, Any]


def settings_files() -> Iterator[SettingsFile]:
    """The files that are there: the user's own first, then the current folder's, which goes before it.

    Raises:
        HarcliError: one cannot be read, or is not TOML.
    """
    own = own_file()
    if own is not None and (os.environ.get(SETTINGS_VARIABLE) or own.exists()):
        yield SettingsFile(own, True, _read(own))
    here = Path(NAME)
    if os.path.lexists(here) and not (own is not None and own.exists() and own.samefile(here)):
        yield SettingsFile(here, False, _read(here))


def own_file() -> Path | None:
    """`$HARCLI_SETTINGS`, or `harcli.toml` in the user's folder for settings (`~/.config/harcli` on Linux)."""
    from platformdirs import user_config_path

    named = os.environ.get(SETTINGS_VARIABLE)
    if named is None:
        return user_config_path("harcli", appauthor=False, roaming=True) / NAME
    return Path(named) if named else None


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        if not path.is_file():  # a named pipe would wait for ever
            raise HarcliError(f"{path}: {'is not a file' if path.exists() else 'is not there'}; see docs/settings.md")
        if path.stat().st_size > _LARGEST:
            raise HarcliError(f"{path}: larger than {_LARGEST} bytes, which no settings need; look what it is")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror}); --no-settings does without") from error
    except UnicodeDecodeError as error:
        raise HarcliError(f"{path}: is not UTF-8; save it so, or use --no-settings") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "lists or tables too deep within one another"
        raise HarcliError(f'{path}: is not TOML: {reason}; write for example without = ["sex", "age"]') from error
