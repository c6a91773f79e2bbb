"""The folder of a data set: at a path, or at a URL that fsspec can write to."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
        with self._failing("", "cannot be made"):
            if isinstance(self.place, Path):
                self.place.mkdir(exist_ok=True)
            elif protocol_of(self.place) not in OBJECT_STORES:
                filesystem, path = opened(self.place)
                filesystem.makedirs(path, exist_ok=True)

    def names(self) -> list[str]:
        """What is in it, sorted; nothing if there is no such folder.

        Raises:
            HarcliError: it cannot be listed.
        """
        with self._failing("", "cannot be listed"), suppress(FileNotFoundError):
            if isinstance(self.place, Path):
                return sorted(each.name for each in self.place.iterdir())
            filesystem, path = opened(self.place)
            listed = persistent(lambda: filesystem.ls(path, detail=False))
            return sorted(name for each in listed if (name := str(each).rstrip("/").rpartition("/")[2]))
        return []

    def parts(self) -> list[str]:
        """The names of the files with records."""
        return [name for name in self.names() if name.endswith(".parquet") and not name.startswith(("_", "."))]

    def read(self, name: str) -> bytes | None:
        """The content of a file in it; None if there is no such file.

        Raises:
            HarcliError: it cannot be read.
        """
        with self._failing(name, "cannot be read"), suppress(FileNotFoundError):
            if isinstance(self.place, Path):
                return (self.place / name).read_bytes()
            filesystem, path = opened(self.place)
            return bytes(persistent(lambda: filesystem.cat_file(f"{path.rstrip('/')}/{name}")))
        return None

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
            with self._failing(name, "cannot be written to"):
                bring(file, f"{self.place}{name}")

    def remove(self, name: str) -> None:
        """Remove a file in it; it may be gone already.

        Raises:
            HarcliError: it cannot be removed.
        """
        with self._failing(name, "cannot be removed"), suppress(FileNotFoundError):
            if isinstance(self.place, Path):
                (self.place / name).unlink()
                return
            filesystem, path = opened(self.place)
            persistent(lambda: filesystem.rm_file(f"{path.rstrip('/')}/{name}"))

    def begin(self, settings: Mapping[str, str], about: Mapping[str, Any]) -> None:
        """Make it a folder of results of these settings; what they are is written once, by the first run.

        Args:
            settings: what decides about the records.
            about: what else is to be known of the run.

        Raises:
            HarcliError: what is in it was made with other settings, or it cannot be written to.
        """
        self.make()
        if (kept := self.read(ABOUT)) is None:
            with self.writing(ABOUT) as file:
                text = json.dumps({"settings": dict(settings), **about}, indent=1)
                file.write_text(f"{text}\n", encoding="utf-8")
            return
        try:
            known = {str(name): str(value) for name, value in strict_json.loads(kept)["settings"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise HarcliError(f"{self}{ABOUT}: is damaged, or not of harcli; name a new folder") from None
        if changed := [name for name in sorted({*settings, *known}) if settings.get(name) != known.get(name)]:
            told = ", ".join(
                f"{name} {_short(settings, name)} instead of {_short(known, name)}" for name in changed[:3]
            )
            raise HarcliError(f"{self}: its records were made otherwise ({told}); name a new folder")

    @contextmanager
    def _failing(self, name: str, what: str) -> Iterator[None]:
        """What goes wrong in the block, as one line: that this cannot be done with a file in the folder, and why."""
        try:
            yield
        except HarcliError:
            raise
        except Exception as error:  # each kind of server has errors of its own; they are told without their URLs
            plain = getattr(error, "strerror", None) if isinstance(self.place, Path) else None
            raise HarcliError(f"{self}{name}: {what}: {plain or reason_of(error)}") from None


def _short(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "") or "none"
    return text if len(text) <= 40 else f"{text[:12]}..."
