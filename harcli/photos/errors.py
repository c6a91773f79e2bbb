"""What can go wrong with one photo."""

from __future__ import annotations

from pathlib import Path

from harcli.errors import HarcliError


class PhotoError(HarcliError):
    """A file could not be read as a photo. `reason` is one line without the file's name, for the record of the file."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
