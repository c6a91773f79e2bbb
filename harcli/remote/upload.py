"""Results to a URL: written here first, then brought there whole."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harcli.errors import HarcliError
from harcli.remote.failures import in_time, persistent, reason_of
from harcli.remote.urls import OBJECT_STORES, is_web, opened, protocol_of, shown


def name_of(url: str) -> str:
    """The name of the file that a URL stands for; empty for a folder."""
    return shown(url).rpartition("/")[2]


def check_upload(url: str) -> None:
    """See that results can be brought there, as far as can be told without writing.

    Raises:
        HarcliError: nothing can be written there, or the bucket or folder is missing.
    """
    if is_web(url):
        raise HarcliError(f"{shown(url)}: results cannot be written to {protocol_of(url)}; name a bucket or a file")
    filesystem, path = opened(url)
    bucket = path.strip("/").partition("/")[0]
    parent = bucket if protocol_of(url) in OBJECT_STORES else path.rstrip("/").rpartition("/")[0]
    try:
        if parent:
            persistent(lambda: filesystem.info(parent))
    except FileNotFoundError:
        raise HarcliError(f"{shown(url)}: there is no '{parent}'; make it first") from None
    except PermissionError:
        return  # who may write need not be allowed to look
    except Exception as error:  # each kind of server has errors of its own
        raise HarcliError(f"{shown(url)}: cannot be written to: {reason_of(error)}") from None


@contextmanager
def uploaded(url: str) -> Iterator[Path]:
    """A file to write, which is brought to the URL when the block ends, and not if that is by an exception.

    Raises:
        HarcliError: it could not be brought there. The file then lies in the current folder, so that it is not lost.
    """
    with tempfile.TemporaryDirectory(prefix="harcli-") as folder:
        file = Path(folder, name_of(url))
        yield file
        try:
            bring(file, url)
        except Exception as error:  # each kind of server has errors of its own
            kept = Path.cwd() / file.name
            if kept.exists():
                kept = kept.with_name(f"{secrets.token_hex(4)}-{file.name}")
            shutil.move(file, kept)
            raise HarcliError(
                f"{shown(url)}: cannot be written to: {reason_of(error)}; the results are in {kept}"
            ) from None


def bring(file: Path, url: str) -> None:
    """Write a file to the URL, where it appears whole or not at all, in place of what was there.

    Raises:
        Exception: of the server or the way to it, after several attempts.
    """
    filesystem, path = opened(url)
    size = file.stat().st_size
    if protocol_of(url) in OBJECT_STORES:
        persistent(lambda: in_time(filesystem, "put_file", str(file), path, size=size))
        return
    folder, slash, name = path.rpartition("/")
    beside = f"{folder}{slash}.{name[:50]}.{secrets.token_hex(4)}.tmp"
    try:
        persistent(lambda: in_time(filesystem, "put_file", str(file), beside, size=size))
        persistent(lambda: filesystem.mv(beside, path))
    except Exception:
        if filesystem.exists(beside):
            filesystem.rm_file(beside)
        raise
