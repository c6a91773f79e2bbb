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
from harcli.results.sqlite_file import is_store

_OWNERS = stat.S_IRUSR | stat.S_IWUSR
_unfinished: set[Path] = set()


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
    followed; a file that is replaced hands down its owner, group, permissions, access lists and attributes, as far as
    the system lets this user.

    Raises:
        HarcliError: at the start, if the file could not be written there; at the end, if writing failed.
    """
    old = check_target(path)
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            _unfinished.add(temporary)
            temporary.open("x").close()
        except OSError as error:
            raise HarcliError(f"{path}: the folder cannot be written to ({error.strerror}).") from error
        if old is not None:
            _hand_down(old, target, temporary, also=_OWNERS)  # as private as the old one from the start
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        if old is not None:
            _hand_down(old, target, temporary)
        temporary.replace(target)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or error.filename not in (None, str(temporary)):
            raise  # not about this file
        raise HarcliError(f"{path}: writing failed ({error.strerror or error}); nothing was written.") from error
    finally:
        temporary.unlink(missing_ok=True)
        _unfinished.discard(temporary)
    _sync_folder(target.parent)


def remove_unfinished() -> None:
    """Remove all temporary files, before the process is ended in the middle of writing."""
    for temporary in list(_unfinished):
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_target(path: Path) -> os.stat_result | None:
    """The status of a file that would be replaced, None if there is none.

    Raises:
        HarcliError: the folder is missing or closed, or something other than a file is in the way.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise HarcliError(f"{path}: there is no folder {target.parent}; make it first.")
    if not os.access(target.parent, os.W_OK):
        raise HarcliError(f"{path}: the folder cannot be written to.")
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HarcliError(f"{path}: cannot be written to ({error.strerror}).") from error
    if not stat.S_ISREG(status.st_mode):
        raise HarcliError(f"{path}: is not a regular file; name another.")
    if is_store(target):
        raise HarcliError(f"{path}: is the store, or one of another run; name another file.")
    return status


def _hand_down(old: os.stat_result, target: Path, temporary: Path, also: int = 0) -> None:
    """Give a new file what the old one at `target` has: who owns it, who may use it, what is noted at it."""
    mode = stat.S_IMODE(old.st_mode)
    if not _same_group(old, temporary):
        # The rights of one group are not for another.
        mode &= ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):  # a file system without attributes
            for name in filter(_is_handed_down, os.listxattr(target)):
                with contextlib.suppress(OSError):
                    os.setxattr(temporary, name, os.getxattr(target, name))
    temporary.chmod(mode | also)  # after the rest: a change of the owner takes rights away


def _same_group(old: os.stat_result, new: Path) -> bool:
    """Give a file the owner and group of another, or at least its group; whether it has the group now."""
    status = new.stat()
    if hasattr(os, "chown"):
        if status.st_uid != old.st_uid:
            with contextlib.suppress(OSError):  # only the superuser may
                os.chown(new, old.st_uid, -1)
        if status.st_gid != old.st_gid:
            try:
                os.chown(new, -1, old.st_gid)
            except OSError:  # this user is not in it
                return False
    return True


def _is_handed_down(attribute: str) -> bool:
    """Users' notes, access lists and labels; not what says something of the content, signatures for example."""
    return attribute.startswith("user.") or attribute in ("system.posix_acl_access", "security.selinux")


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
