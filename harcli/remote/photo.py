"""A photo elsewhere, and a copy of it that decoders can open."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Union

from harcli.photos.errors import PhotoError
from harcli.remote.failures import Incomplete, in_time, persistent, reason_of
from harcli.remote.urls import opened

PhotoPlace = Union[Path, "RemotePhoto"]
"""Where a photo is: a file here, or an object elsewhere."""

_MD5 = re.compile(r"[0-9a-f]{32}")
_in_use: set[Path] = set()


@dataclass(frozen=True, slots=True)
class RemotePhoto:
    """An object, as it was when it was listed or looked up.

    Attributes:
        name: its URL as it stands in results: without credentials.
        root: a URL by which it is reached; may hold credentials.
        path: of the object, as fsspec has it.
        size: bytes; None if the server does not say.
        etag: what the server changes with the content; empty if it has no such thing, or a weak one.
        sidecar: path of the sidecar beside it; empty if there is none.
        sidecar_etag: as `etag`, of the sidecar.
        problem: why it need not be tried: it is a folder that might hold photos, and cannot be listed.
    """

    name: str
    root: str = field(repr=False)
    path: str = field(repr=False)
    size: int | None = None
    etag: str = ""
    sidecar: str = field(default="", repr=False)
    sidecar_etag: str = ""
    problem: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """The ending of its name, as `Path.suffix`."""
        return PurePosixPath(self.name.partition("?")[0]).suffix


@dataclass(frozen=True, slots=True)
class Copy:
    """A photo's content in a file.

    Attributes:
        vouched: it is the content that the photo's etag and size stand for.
    """

    file: Path
    vouched: bool


@contextmanager
def at_hand(photo: RemotePhoto, largest: int | None = None) -> Iterator[Copy]:
    """A copy of the photo, and of its sidecar beside it, which goes when the block ends.

    Args:
        largest: bytes; what is larger is not read. None: whatever there is room for.

    Raises:
        PhotoError: it cannot be read; the reason says why.
    """
    if photo.problem:
        raise PhotoError(photo.name, photo.problem)
    if largest is not None and photo.size is not None and photo.size > largest:
        raise PhotoError(photo.name, f"{photo.size / 1e9:.2g} GB large; raise --max-memory to read it")
    folder = Path(tempfile.mkdtemp(prefix="harcli-"))
    _in_use.add(folder)
    try:
        # Not its own name, which may be no file's here; the ending tells decoders of RAW and HEIC apart.
        file = folder / f"photo{photo.suffix[:16]}"
        try:
            vouched = persistent(lambda: _copy(photo, file))
            if photo.sidecar:
                persistent(lambda: _get(photo, photo.sidecar, folder / f"{file.name}.xmp"))
        except Exception as error:  # each kind of server has errors of its own
            raise PhotoError(photo.name, reason_of(error)) from None
        yield Copy(file, vouched)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _in_use.discard(folder)


def remove_copies() -> None:
    """Remove all copies, before the process is ended in the middle of its work."""
    for folder in list(_in_use):
        shutil.rmtree(folder, ignore_errors=True)


def etag_of(about: Mapping[str, Any]) -> str:
    """The etag in what fsspec says of an object; empty if there is none that stands for the very bytes."""
    value = next((about[key] for key in ("ETag", "etag", "e_tag") if about.get(key)), "")
    text = str(value)
    return "" if text.startswith("W/") else text.strip('"')


def size_of(about: Mapping[str, Any]) -> int | None:
    """Bytes, if fsspec says."""
    size = about.get("size")
    return int(size) if isinstance(size, (int, float)) else None


def _copy(photo: RemotePhoto, file: Path) -> bool:
    """Bring the content here; whether it is what the photo's etag stands for.

    Raises:
        Incomplete: some of it is missing.
        Exception: another error of the server, or of the way to it.
    """
    _get(photo, photo.path, file)
    got = file.stat().st_size
    if got == photo.size and _MD5.fullmatch(photo.etag) and _md5(file) == photo.etag:
        return True
    # Another kind of etag, or other content: only the server can tell which.
    filesystem, _ = opened(photo.root)
    now = filesystem.info(photo.path)
    size = size_of(now)
    if size is not None and got != size:
        raise Incomplete(got, size)
    return bool(photo.etag) and (etag_of(now), size) == (photo.etag, photo.size)


def _get(photo: RemotePhoto, path: str, file: Path) -> None:
    filesystem, _ = opened(photo.root)
    in_time(filesystem, "get_file", path, str(file), size=photo.size or 0)


def _md5(file: Path) -> str:
    state = hashlib.md5(usedforsecurity=False)
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            state.update(chunk)
    return state.hexdigest()
