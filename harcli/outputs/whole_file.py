"""A file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from harcli.errors import HarcliError

_OWNERS = stat.S_IRUSR | stat.S_IWUSR


@contextlib.contextmanager
def whole_file(path: Path, errors: str = "strict") -> Iterator[TextIO]:
    """Write UTF-8 text that takes the place of `path` when the block ends; see `whole_binary`.

    Args:
        errors: how the encoder treats what UTF-8 cannot encode, see `codecs`.

    Raises:
        HarcliError: at the start, if the file could not be written there; at the end, if writing failed.
    """
    with whole_binary(path) as temporary, temporary.open("w", encoding="utf-8", errors=errors, newline="") as stream:
        yield stream


@contextlib.contextmanager
def whole_binary(path: Path) -> Iterator[Path]:
    """An empty temporary file in the folder of `path`, which takes its place when the block ends.

    If the block ends by an exception, the temporary file goes and what was at `path` stays. A symbolic link is
    followed; the permissions of a file that is replaced are kept.

    Raises:
        HarcliError: at the start, if the file could not be written there; at the end, if writing failed.
    """
    mode = check_target(path)
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            temporary.open("x").close()
        except OSError as error:
            raise HarcliError(f"{path}: the folder cannot be written to ({error.strerror}).") from error
        if mode is not None:
            temporary.chmod(mode | _OWNERS)  # as private as the old one from the start
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or error.filename not in (None, str(temporary)):
            raise  # not about this file
        raise HarcliError(f"{path}: writing failed ({error.strerror or error}); nothing was written.") from error
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def check_target(path: Path) -> int | None:
    """The permissions of a file that would be replaced, None if there is none.

    Raises:
        HarcliError: the folder is missing or closed, or something other than a file is in the way.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise HarcliError(f"{path}: there is no folder {target.parent}; make it first.")
    if not os.access(target.parent, os.W_OK):
        raise HarcliError(f"{path}: the folder cannot be written to.")
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HarcliError(f"{path}: cannot be written to ({error.strerror}).") from error
    if not stat.S_ISREG(mode):
        raise HarcliError(f"{path}: is not a regular file; name another.")
    return stat.S_IMODE(mode)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
