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


@contextlib.contextmanager
def whole_file(path: Path, errors: str = "strict") -> Iterator[TextIO]:
    """Write UTF-8 text to a temporary file in the folder of `path`, which takes its place when the block ends.

    If the block ends by an exception, the temporary file goes and what was at `path` stays. A symbolic link is
    followed; the permissions of a file that is replaced are kept.

    Args:
        errors: how the encoder treats what UTF-8 cannot encode, see `codecs`.

    Raises:
        HarcliError: at the start, if the file could not be written there.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(4)}.tmp")
    mode = _check_target(path, target)
    try:
        try:
            stream = temporary.open("x", encoding="utf-8", errors=errors, newline="")
        except OSError as error:
            raise HarcliError(f"{path}: the folder cannot be written to ({error.strerror}).") from error
        with stream:
            if mode is not None:
                temporary.chmod(mode)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or error.filename not in (None, str(temporary)):
            raise  # not about this file
        raise HarcliError(f"{path}: writing failed ({error.strerror or error}); nothing was written.") from error
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


@contextlib.contextmanager
def whole_binary(path: Path) -> Iterator[Path]:
    """The name of a temporary file beside `path`, which takes its place when the block ends without an exception.

    Raises:
        HarcliError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name[:50]}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise HarcliError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        temporary.unlink(missing_ok=True)


def _check_target(path: Path, target: Path) -> int | None:
    """The permissions of a file that would be replaced, None if there is none.

    Raises:
        HarcliError: the folder is missing, or something other than a file is in the way.
    """
    if not target.parent.is_dir():
        raise HarcliError(f"{path}: there is no folder {target.parent}; make it first.")
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
