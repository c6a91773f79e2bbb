"""What goes wrong on the way to a server: what is tried again, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

T = TypeVar("T")

ATTEMPTS = 4
FIRST_WAIT = 0.5  # seconds at most; doubled each time, and drawn by chance: many workers do not come back at once
LONGEST_WAIT = 20.0
PATIENCE = 60.0
SLOWEST = 100_000
"""Seconds until an answer is given up, and bytes a second that it may take longer for."""

_ANYTHING_SECRET = re.compile(r"\S*(?:://|\?|=)\S*")
_FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError, FileExistsError)
_PASSING_ANSWERS = (408, 425, 429)
_LIBRARIES = ("aiohttp", "aiobotocore", "botocore", "gcsfs", "google", "azure", "paramiko", "urllib3", "requests")


class Incomplete(OSError):
    """An answer ended before its time."""

    def __init__(self, got: int, expected: int) -> None:
        super().__init__(f"only {got} of {expected} bytes came")


def persistent(attempt: Callable[[], T]) -> T:
    """What `attempt` returns, tried again after a while if its error may pass.

    Raises:
        Exception: the last attempt's.
    """
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    retrying = Retrying(
        retry=retry_if_exception(may_pass),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        reraise=True,
    )
    return retrying(attempt)


def in_time(filesystem: AbstractFileSystem, method: str, *arguments: str, size: int = 0, **more: Any) -> Any:
    """What a method of a file system that brings so many bytes returns; one that stalls is given up where that can be
    done.

    Raises:
        TimeoutError: it has stalled.
    """
    coroutine = getattr(filesystem, f"_{method}", None) if getattr(filesystem, "async_impl", False) else None
    if coroutine is None:
        return getattr(filesystem, method)(*arguments, **more)
    from fsspec.asyn import sync

    return sync(filesystem.loop, coroutine, *arguments, timeout=PATIENCE + size / SLOWEST, **more)


def may_pass(error: BaseException) -> bool:
    """Whether a later attempt may succeed: not where there is no such object, or no permission."""
    if isinstance(error, _FINAL) or _is_denied(error):
        return False
    status = _status(error)
    if status is not None and 400 <= status < 500:
        return status in _PASSING_ANSWERS
    return isinstance(error, (OSError, EOFError)) or _is_late(error) or _is_of_library(error)


def reason_of(error: BaseException) -> str:
    """Why it failed, one line without any URL: theirs hold signatures."""
    if isinstance(error, FileNotFoundError):
        return "no such object"
    if isinstance(error, PermissionError) or _is_denied(error) or _status(error) in (401, 403):
        return "access denied; see how fsspec finds credentials (environment, profile, instance role)"
    if isinstance(error, Incomplete):
        return str(error)
    if _is_late(error):
        return "no answer in time"
    if (status := _status(error)) is not None:
        return f"the server answered {status}"
    said = " ".join(_ANYTHING_SECRET.sub("...", str(error)).split())[:200]
    return f"could not be read from there ({type(error).__name__}{f': {said}' if said else ''})"


def _status(error: BaseException) -> int | None:
    """The number of an HTTP answer."""
    status = getattr(error, "status", None) or getattr(error, "status_code", None) or getattr(error, "code", None)
    return status if isinstance(status, int) else None


def _is_denied(error: BaseException) -> bool:
    """Whether there are no credentials, or others are wanted: to try again might lock the user out."""
    return any(word in type(error).__name__ for word in ("Credentials", "Authentication"))


def _is_late(error: BaseException) -> bool:
    """Python 3.10 has several errors of this name; asyncio is not loaded for one of them."""
    return any(kind.__name__ == "TimeoutError" for kind in type(error).__mro__)


def _is_of_library(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] in _LIBRARIES
