"""A request that is not answered with records."""

from __future__ import annotations


class Refused(Exception):
    """Why a request is turned away.

    Attributes:
        status: of HTTP.
        detail: one line for the client; it never names anything of the server.
        headers: of the answer.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


def busy(detail: str, seconds: float = 1.0) -> Refused:
    """Too much is asked for at the moment; the client is told when to come again."""
    return Refused(429, detail, {"Retry-After": str(max(1, min(60, round(seconds))))})
