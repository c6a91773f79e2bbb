"""Which URLs may be fetched: those that begin as the operator says, part by part and not as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from harcli.errors import HarcliError

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_ODD = re.compile(r"[^!-~]|[\\<>\"{}|^`]")  # in which programs disagree on where a URL's parts end
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """A URL in parts.

    Attributes:
        path: as it is written, with its percent signs.
        query: what follows `?`; empty if there is none.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    @property
    def url(self) -> str:
        """The URL again, made of these parts alone."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}{'?' + self.query if self.query else ''}"

    def has(self, other: Place) -> bool:
        """Whether another one lies at or below this one."""
        if (self.scheme, self.host, self.port) != (other.scheme, other.host, other.port):
            return False
        return other.path == self.path or other.path.startswith(self.path.rstrip("/") + "/")


def place(url: str) -> Place:
    """The parts of a URL.

    Raises:
        ValueError: it is none that can be fetched; the message says why.
    """
    if _ODD.search(url):
        raise ValueError("it has characters that a URL cannot have; write them as %20")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("it is no URL") from None
    if parts.scheme not in _PORTS:
        raise ValueError("only http and https are fetched")
    if "@" in parts.netloc:
        raise ValueError("it has a user's name; credentials do not belong there")
    host = (parts.hostname or "").rstrip(".")
    if not _HOST.fullmatch(host):
        raise ValueError("it has no host, or an odd one")
    return Place(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, _path(parts), parts.query)


def _path(parts: SplitResult) -> str:
    path = parts.path or "/"
    seen = path
    for _ in range(3):  # servers behind servers may each take away a layer of percent signs
        seen = unquote(seen)
    if ".." in re.split(r"[/\\;]", seen):
        raise ValueError("it goes up by '..'")
    return path


class AllowedUrls:
    """The operator's list."""

    def __init__(self, beginnings: tuple[str, ...]) -> None:
        """
        Raises:
            HarcliError: one is no URL.
        """
        self._places = []
        for beginning in beginnings:
            try:
                self._places.append(place(beginning))
            except ValueError as error:
                raise HarcliError(
                    f"--allow-url {beginning}: {error}; expected a beginning such as https://photos.example.org/2024/"
                ) from None
            if self._places[-1].query:
                raise HarcliError(f"--allow-url {beginning}: leave out what follows the question mark")

    def __bool__(self) -> bool:
        return bool(self._places)

    def check(self, url: str) -> Place:
        """The parts of a URL that may be fetched.

        Raises:
            ValueError: it may not; the message says why.
        """
        asked = place(url)
        if not any(allowed.has(asked) for allowed in self._places):
            raise ValueError("it is not among those that the operator allows")
        return asked
