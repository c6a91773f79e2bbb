"""The folder of a data set: at a path, or at a URL that fsspec can write to."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.outputs.whole_file import whole_binary
from harcli.remote.failures import persistent, reason_of
from harcli.remote.upload import bring, check_upload
from harcli.remote.urls import OBJECT_STORES, opened, protocol_of, shown

ABOUT = "_run.json"
"""What all records in the folder were made with. Readers of Parquet pass over names that begin like this."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of results; nothing is looked at before it is asked for.

    Attributes:
        place: a path, or a URL that ends in `/`.
    """

    place: Path | str

    def __str__(self) -> str:
        return shown(self.place) if isinstance(self.place, str) else f"{self.place}/"

    def check(self) -> None:
        """See that it is, or can be made, a folder of results.

        Raises:
            HarcliError: it cannot be written to, or holds something else.
        """
        if isinstance(self.place, str):
            check_upload(self.place)
        elif not self.place.parent.is_dir():
            raise HarcliError(f"{self}: there is no folder {self.place.parent}; make it first")
        elif self.place.exists() and not self.place.is_dir():
            raise HarcliError(f"{self}: is not a folder; name another")
        names = self.names()
        if names and ABOUT not in names:
            raise HarcliError(f"{self}: holds other files ({min(names)}); name a new folder")

    def make(self) -> None:
        """Make the folder where there is none; object stores need none.

        Raises:
            HarcliError: it cannot be made.
        """
        try:
            if isinstance(self.place, Path):
                self.place.mkdir(exist_ok=True)
            elif protocol_of(self.place) not in OBJECT_STORES:
                filesystem, path = opened(self.place)
                filesystem.makedirs(path, exist_ok=True)
        except HarcliError:
            raise
        except Exception as error:  # each kind of server has errors of its own
            raise HarcliError(f"{self}: cannot be made ({_reason(error)})") from None

    def names(self) -> list[str]:
        """What is in it, sorted; nothing if there is no such folder.

        Raises:
            HarcliError: it cannot be listed.
        """
        try:
            if isinstance(self.place, Path):
                return sorted(each.name for each in self.place.iterdir())
            filesystem, path = opened(self.place)
            listed = persistent(lambda: filesystem.ls(path, detail=False))
            return sorted(name for each in listed if (name := str(each).rstrip("/").rpartition("/")[2]))
        except FileNotFoundError:
            return []
        except HarcliError:
            raise
        except Exception as error:  # each kind of server has errors of its own
            raise HarcliError(f"{self}: cannot be listed: {_reason(error)}") from None

    def parts(self) -> list[str]:
        """The names of the files with records."""
        return [name for name in self.names() if name.endswith(".parquet") and not name.startswith(("_", "."))]

    def read(self, name: str) -> bytes:
        """The content of a file in it.

        Raises:
            FileNotFoundError: there is none.
            HarcliError: it cannot be read.
        """
        try:
            if isinstance(self.place, Path):
                return (self.place / name).read_bytes()
            filesystem, path = opened(self.place)
            return bytes(persistent(lambda: filesystem.cat_file(f"{path.rstrip('/')}/{name}")))
        except (FileNotFoundError, HarcliError):
            raise
        except Exception as error:  # each kind of server has errors of its own
            raise HarcliError(f"{self}{name}: cannot be read: {_reason(error)}") from None

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A file to write, which appears whole under the name when the block ends, in place of what was there; not if
        that is by an exception.

        Raises:
            HarcliError: it cannot be written.
        """
        if isinstance(self.place, Path):
            with whole_binary(self.place / name) as file:
                yield file
            return
        with tempfile.TemporaryDirectory(prefix="harcli-") as folder:
            file = Path(folder, name)
            yield file
            try:
                bring(file, f"{self.place}{name}")
            except HarcliError:
                raise
            except Exception as error:  # each kind of server has errors of its own
                raise HarcliError(f"{self}{name}: cannot be written to: {_reason(error)}") from None

    def remove(self, name: str) -> None:
        """Remove a file in it; it may be gone already.

        Raises:
            HarcliError: it cannot be removed.
        """
        try:
            if isinstance(self.place, Path):
                (self.place / name).unlink(missing_ok=True)
                return
            filesystem, path = opened(self.place)
            persistent(lambda: filesystem.rm_file(f"{path.rstrip('/')}/{name}"))
        except FileNotFoundError:
            return
        except HarcliError:
            raise
        except Exception as error:  # each kind of server has errors of its own
            raise HarcliError(f"{self}{name}: cannot be removed: {_reason(error)}") from None

    def begin(self, settings: Mapping[str, str], about: Mapping[str, Any]) -> None:
        """Make it a folder of results of these settings; what they are is written once, by the first run.

        Args:
            settings: what decides about the records.
            about: what else is to be known of the run.

        Raises:
            HarcliError: what is in it was made with other settings, or it cannot be written to.
        """
        self.make()
        try:
            kept = strict_json.loads(self.read(ABOUT))["settings"]
            known = {str(name): str(value) for name, value in kept.items()}
        except FileNotFoundError:
            with self.writing(ABOUT) as file:
                text = json.dumps({"settings": dict(settings), **about}, indent=1)
                file.write_text(f"{text}\n", encoding="utf-8")
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            raise HarcliError(f"{self}{ABOUT}: is damaged, or not of harcli; name a new folder") from None
        if changed := [name for name in sorted({*settings, *known}) if settings.get(name) != known.get(name)]:
            told = ", ".join(
                f"{name} {_short(settings, name)} instead of {_short(known, name)}" for name in changed[:3]
            )
            raise HarcliError(f"{self}: its records were made otherwise ({told}); name a new folder")


def _short(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "") or "none"
    return text if len(text) <= 40 else f"{text[:12]}..."


def _reason(error: Exception) -> str:
    """An error of the file system says what it is; those of servers are told without their URLs."""
    return error.strerror if isinstance(error, OSError) and error.strerror else reason_of(error)
