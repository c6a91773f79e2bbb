"""What a URL says: where it leads, and how it may be named where others read it."""

from __future__ import annotations

import hashlib
import re
import threading
from typing import TYPE_CHECKING

from harcli.errors import HarcliError
from harcli.extras import install

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_AZURE = ("abfs", "abfss", "wasb", "wasbs", "az", "adl")
"""Here `container@account` is no user's name but a place."""

_WEB = ("http", "https")
_CUT = "?~"
"""What stands in a name in place of a query, before its hash."""

_SSH = ("sftp", "ssh")
_EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(_AZURE, "azure"),
    **dict.fromkeys(_SSH, "sftp"),
}
OBJECT_STORES = frozenset(("s3", "s3a", "gs", "gcs", *_AZURE))
"""Where an object appears whole or not at all."""

_MOST_OPEN = 64
_open: dict[tuple[str, tuple[tuple[str, object], ...], int], AbstractFileSystem] = {}
"""File systems, by protocol, options, and the thread that a connection belongs to (0: all)."""


def is_url(text: str) -> bool:
    """Whether a user's word is a URL. `C:/photos` is none."""
    return _URL.match(text) is not None


def protocol_of(url: str) -> str:
    """`s3`, `https`, ...; in small letters."""
    found = _URL.match(url)
    return found.group(1).lower() if found else ""


def is_web(url: str) -> bool:
    """Whether it is read by HTTP, where only a slash at the end tells a folder."""
    return protocol_of(url) in _WEB


def shown(url: str) -> str:
    """The URL as it stands in results, messages and the store: without user, password and query.

    A query may be a signature that opens the photo to everybody. In its place stands a short hash of it, by which two
    photos that differ in nothing else have different names.
    """
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    scheme = scheme.lower()
    user, _, host = place.rpartition("@")
    if scheme not in _AZURE or ":" in user:
        place = host
    if scheme in _WEB:
        path, mark, query = path.partition("#")[0].partition("?")
        path += f"{_CUT}{hashlib.sha256(query.encode()).hexdigest()[:10]}" if mark else ""
    return f"{scheme}://{place}{slash}{path}"


def is_cut(name: str) -> bool:
    """Whether it is the name of a URL that had a query, and leads nowhere any more."""
    return is_web(name) and _CUT in name


def opened(url: str) -> tuple[AbstractFileSystem, str]:
    """What reads and writes there, and the path in it. Credentials are found by fsspec's own ways alone.

    Raises:
        HarcliError: a package is missing, there is no such kind of URL, or nobody answers there.
    """
    protocol = protocol_of(url)
    try:
        from fsspec import get_filesystem_class

        from harcli.remote.failures import persistent, reason_of

        kind = get_filesystem_class(protocol)
        options = _options(kind, url)
        # Those that are not asynchronous hold one connection, on which threads would wait for each other's answers.
        thread = 0 if kind.async_impl else threading.get_ident()
        return persistent(lambda: _shared(protocol, options, thread)), str(kind._strip_protocol(url))
    except ImportError as error:
        extra = _EXTRAS.get(protocol, "remote")
        raise HarcliError(f"{shown(url)}: {protocol} needs an extra: {install(extra)}") from error
    except ValueError as error:
        raise HarcliError(f"{shown(url)}: '{protocol}' is no kind of URL that can be read") from error
    except Exception as error:  # some connect at once, and each has errors of its own
        raise HarcliError(f"{shown(url)}: {reason_of(error)}") from None


def _options(kind: type[AbstractFileSystem], url: str) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(kind._get_kwargs_from_urls(url).items()))


def _shared(protocol: str, options: tuple[tuple[str, object], ...], thread: int) -> AbstractFileSystem:
    """One that is open, with its connections, and not one that somebody else's program uses."""
    key = protocol, options, thread
    if (kept := _open.get(key)) is not None and _is_connected(kept):
        return kept
    while len(_open) >= _MOST_OPEN:
        _open.pop(next(iter(_open)), None)
    made = _open[key] = _made(protocol, options)
    return made


def _made(protocol: str, options: tuple[tuple[str, object], ...]) -> AbstractFileSystem:
    """A new one. Listings are not kept in memory: they would be out of date when a photo is looked up again, and a
    bucket is large."""
    import fsspec

    from harcli.remote.failures import PATIENCE

    made = fsspec.filesystem(protocol, skip_instance_cache=True, **dict(options))
    if (kept := getattr(made, "dircache", None)) is not None and hasattr(kept, "use_listings_cache"):
        kept.use_listings_cache = False
    if protocol in _SSH:
        made.ftp.get_channel().settimeout(PATIENCE)  # between two pieces of an answer; else it would wait for ever
    return made


def _is_connected(filesystem: AbstractFileSystem) -> bool:
    """Whether it can be asked: SSH does not come back by itself when the server has closed the connection."""
    client = getattr(filesystem, "client", None)
    if client is None or not hasattr(client, "get_transport"):
        return True
    transport = client.get_transport()
    return transport is not None and transport.is_active()
