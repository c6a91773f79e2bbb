"""The folder beside a page that holds its pictures, where they are too many for the page itself."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from harcli.errors import HarcliError
from harcli.report.pictures import Pictures

_NOTE = "made-by-harcli.txt"
_NOTE_TEXT = """Pictures of the page {page}, made by `harcli report`. Move, copy and delete both together.
A new report of the same name replaces this folder.
"""
_OWN = re.compile(r"[0-9a-f]{8}/(people|photos)/[0-9]{3,}/[0-9]+\.jpg|" + re.escape(_NOTE))
_IN_ONE = 1000  # files in one folder, so that file managers stay quick


class PictureFolder:
    """`report_files/` beside `report.html`: made under another name, put in its place when the block has ended.

    The pictures lie in a sub-folder of a new name each time: a page never shows those of another report, whatever
    happens in between.
    """

    def __init__(self, page: Path) -> None:
        """
        Raises:
            HarcliError: something that is not harcli's has the name.
        """
        self.path = folder_of(page)
        self._token = secrets.token_hex(4)
        self._temporary = page.with_name(f".{self.path.name[:100]}.{self._token}.tmp")
        self._note = _NOTE_TEXT.format(page=page.name.encode("utf-8", "replace").decode())
        self._photos = self._people = 0
        _check(self.path)

    def __enter__(self) -> PictureFolder:
        try:
            self._temporary.mkdir()
            (self._temporary / _NOTE).write_text(self._note, encoding="utf-8")
        except OSError as error:
            raise self._failed(error) from error
        return self

    def add(self, pictures: Pictures, people: int) -> None:
        """Take a photo's pictures; photos and people are numbered as they come, those without a picture too."""
        try:
            if pictures.photo:
                self._write("photos", self._photos, pictures.photo)
                for i, picture in enumerate(pictures.people):
                    self._write("people", self._people + i, picture)
        except OSError as error:
            raise self._failed(error) from error
        self._photos += 1
        self._people += people

    def reference(self) -> dict[str, str]:
        """Where the page finds them: an address that starts at the page."""
        return {"folder": f"{quote(os.fsencode(self.path.name))}/{self._token}"}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                remove_own(self.path)
                self._temporary.rename(self.path)
        except OSError as failure:
            raise self._failed(failure) from failure
        finally:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _write(self, kind: str, number: int, picture: bytes) -> None:
        folder = self._temporary / self._token / kind / f"{number // _IN_ONE:03}"
        if number % _IN_ONE == 0 or not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.jpg").write_bytes(picture)

    def _failed(self, error: OSError) -> HarcliError:
        return HarcliError(f"{self.path}: cannot be written ({error.strerror or error})")


def folder_of(page: Path) -> Path:
    """Where the pictures of a page lie, if not in the page."""
    return page.with_name(f"{page.stem}_files")


def remove_own(folder: Path) -> None:
    """Remove an older report's pictures, if they are there.

    Raises:
        HarcliError: it holds something else too.
    """
    _check(folder)
    if folder.exists():
        shutil.rmtree(folder)


def _check(folder: Path) -> None:
    """There is nothing of this name, or a folder in which all is harcli's own."""
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not (folder / _NOTE).is_file():
        raise HarcliError(f"{folder}: is there and not of harcli's making; move it, or choose another --out")
    for path in (Path(parent, name) for parent, _, names in os.walk(folder) for name in names):
        if not _OWN.fullmatch(path.relative_to(folder).as_posix()):
            raise HarcliError(f"{folder}: holds a file that is not harcli's, {path.name}; move it away")
