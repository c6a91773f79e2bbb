"""What an operator decides about the service."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

MEGABYTE = 10**6

MOST_CONNECTIONS = 512
"""More clients at a time are turned away, so that the process keeps files and memory."""

SPOOL = 2 * 10**9
"""Bytes of photos on disk that are being sent, fetched or looked at, of all requests together."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How the service is run.

    Attributes:
        token: what clients have to show as `Authorization: Bearer ...`; empty: nothing.
        allow_urls: beginnings of URLs that may be fetched; none: no request goes out.
        queue: photos that may wait or be looked at, of all requests together.
        max_upload: megabytes of a photo.
        max_urls: photos in one list.
        upload_timeout: seconds for a photo to arrive, from the client or from its URL.
        timeout: seconds for a photo to be looked at, waiting included.
        stop_timeout: seconds that requests get to be answered when the service is stopped.
    """

    token: str = ""
    allow_urls: tuple[str, ...] = ()
    queue: int = 64
    max_upload: float = 50.0
    max_urls: int = 16
    upload_timeout: float = 30.0
    timeout: float = 60.0
    stop_timeout: float = 30.0

    @property
    def most_bytes(self) -> int:
        """`max_upload` in bytes."""
        return int(self.max_upload * MEGABYTE)

    def admits(self, shown: str) -> bool:
        """Whether a client who shows this token may ask; takes as long for a wrong one as for a nearly right one."""
        return not self.token or secrets.compare_digest(shown.encode(), self.token.encode())
