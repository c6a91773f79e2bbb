"""The body of a request, read within limits of size and time: clients may be slow, or never end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import PurePosixPath
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from harcli.service.refused import Refused
from harcli.service.spool import Arriving, Spool, too_large

T = TypeVar("T")
Receive = Callable[[], Awaitable[Any]]
Take = Callable[[int], None]

MOST_JSON = 10**6
"""Bytes of a list of URLs."""

FORM_EXTRA = 10**5
"""Bytes that a form may have around its photo."""

_PIECE = 1 << 18


def _nothing(_: int) -> None:
    pass


class Bounded:
    """Receives the body's pieces in place of the server's own function."""

    def __init__(self, receive: Receive, most: int, seconds: float, take: Take = _nothing, extra: int = 0) -> None:
        self._receive, self._most, self._seconds, self._take, self._extra = receive, most, seconds, take, extra
        self._end = asyncio.get_running_loop().time() + seconds
        self._size = 0

    async def __call__(self) -> Any:
        """
        Raises:
            Refused: too large, or too slow; or there is no room.
        """
        left = self._end - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(self._receive(), max(left, 0.0))
        except asyncio.TimeoutError:
            raise Refused(408, f"the body took longer than {self._seconds:g} s", {"Connection": "close"}) from None
        self._size += len(message.get("body", b""))
        if self._size > self._most + self._extra:
            raise too_large(self._most)
        self._take(len(message.get("body", b"")))
        return message


def bounded(request: Request, most: int, seconds: float, take: Take = _nothing, extra: int = 0) -> Request:
    """The same request, whose body keeps within limits.

    Args:
        take: is told of each piece how many bytes it has.
        extra: bytes that may come beside the `most` that clients are told of.

    Raises:
        Refused: it says itself that it does not.
    """
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > most + extra:
        raise too_large(most)
    return Request(request.scope, Bounded(request.receive, most, seconds, take, extra))


async def receive_photo(request: Request, spool: Spool, most: int, seconds: float) -> tuple[Arriving, str]:
    """The photo of a request: the one file of a form, or the body as it is, whatever kind but JSON the client calls it.

    Returns:
        The file, whose context the caller has to leave; and the photo's name, of `?name=` or the form.

    Raises:
        Refused: no photo, too large, or too slow.
        ClientDisconnect: the client has gone.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        with spool.elsewhere() as take:  # forms are parsed into temporary files of their own
            return await _of_form(bounded(request, most, seconds, take, FORM_EXTRA), spool, most)
    if kind == "application/json":
        raise Refused(415, "expected a photo: its bytes as the body, or a form's file; lists of URLs go to /tag/urls")
    name = _plain(request.query_params.get("name", ""))
    return await _arrived(bounded(request, most, seconds).stream(), spool, most, name), name


async def _arrived(pieces: AsyncIterator[bytes], spool: Spool, most: int, name: str) -> Arriving:
    """The file of all the pieces; it is gone if they end too early or are too many."""
    arriving = spool.file(most, name).__enter__()
    try:
        async for piece in pieces:
            arriving.write(piece)
        _whole(arriving)
    except BaseException:
        arriving.__exit__(None, None, None)
        raise
    return arriving


async def _read(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


async def _of_form(request: Request, spool: Spool, most: int) -> tuple[Arriving, str]:
    try:
        form = await request.form(max_files=1, max_fields=8, max_part_size=FORM_EXTRA)
    except HTTPException as error:
        raise Refused(400, f"the form cannot be read: {error.detail}") from error
    try:
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        if not files:
            raise Refused(400, "the form has no file; send the photo as the field 'photo'")
        name = _plain(files[0].filename or "")
        return await _arrived(_read(files[0]), spool, most, name), name
    finally:
        await form.close()


async def receive_json(request: Request, seconds: float) -> bytes:
    """A body of JSON.

    Raises:
        Refused: of another kind, too large, or too slow.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # a form of some web page in the user's browser cannot be of this kind
        raise Refused(415, "expected Content-Type: application/json")
    return await bounded(request, MOST_JSON, seconds).body()


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work results in; it is dropped when the client closes the connection. The body must have been read.

    Raises:
        ClientDisconnect: the client has.
    """
    task, watch = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnect
    finally:
        for each in (task, watch):
            each.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _whole(arriving: Arriving) -> None:
    if not arriving.size:
        raise Refused(400, "the body is empty; send the photo as the body, or as the field 'photo' of a form")
    arriving.finish()


def _plain(name: str) -> str:
    """The last part of what the client calls the photo."""
    return PurePosixPath(name.replace("\\", "/")).name[:255]


__all__ = ["ClientDisconnect", "receive_json", "receive_photo", "unless_gone"]
