"""Photos by URL: only those that are allowed, within limits of size and time, without credentials or cookies."""

from __future__ import annotations

import asyncio

import httpx

from harcli import __version__
from harcli.service.allowed import AllowedUrls
from harcli.service.refused import Refused
from harcli.service.spool import Arriving

_REDIRECTS = 5
_AT_ONCE = 8


class FetchError(Exception):
    """Why a photo could not be fetched, one line; for its record."""


class Fetcher:
    """Fetches photos into files."""

    def __init__(self, allowed: AllowedUrls, seconds: float) -> None:
        """
        Args:
            allowed: what may be fetched, redirects included.
            seconds: for a photo.
        """
        self._allowed, self._seconds = allowed, seconds
        self._few = asyncio.Semaphore(_AT_ONCE)
        # Nothing of the environment: neither a proxy nor the passwords of ~/.netrc.
        self._client = httpx.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=seconds,
            headers={"User-Agent": f"harcli/{__version__}", "Accept": "image/*", "Accept-Encoding": "identity"},
        )

    async def fetch(self, url: str, into: Arriving) -> None:
        """Write the photo at a URL to a file.

        Raises:
            FetchError: it cannot be had.
            Refused: there is no room for photos at the moment.
        """
        async with self._few:
            try:
                await asyncio.wait_for(self._follow(url, into), self._seconds)
            except asyncio.TimeoutError:
                raise FetchError(f"takes longer than {self._seconds:g} s to fetch") from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise FetchError(f"cannot be fetched ({type(error).__name__})") from error
            except Refused as error:
                if error.status != 413:
                    raise
                raise FetchError(error.detail) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _follow(self, url: str, into: Arriving) -> None:
        for _ in range(_REDIRECTS + 1):
            try:
                asked = self._allowed.check(url).url
            except ValueError as error:
                raise FetchError(f"leads to another URL, which is not fetched: {error}") from None
            async with self._client.stream("GET", asked) as response:
                self._client.cookies.clear()
                if response.next_request is not None:
                    url = str(response.next_request.url)
                    continue
                if response.status_code != 200:
                    raise FetchError(f"cannot be fetched (the server answers {response.status_code})")
                async for piece in response.aiter_raw():
                    into.write(piece)
                said = response.headers.get("content-length", "")
                if said.isdecimal() and int(said) != into.size:
                    raise FetchError("cannot be fetched (it ends before its time)")
                if not into.size:
                    raise FetchError("the file is empty")
                into.finish()
                return
        raise FetchError(f"leads from one URL to another more than {_REDIRECTS} times")
