"""The service's addresses: what is asked for, and what is answered."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline

from harcli import __version__, strict_json
from harcli.outputs.json import as_object
from harcli.printable import one_line
from harcli.results import Record
from harcli.service import bodies, examples
from harcli.service.allowed import AllowedUrls
from harcli.service.desk import Desk
from harcli.service.fetch import Fetcher, FetchError
from harcli.service.metrics import KIND, App, Metrics
from harcli.service.refused import Refused
from harcli.service.settings import SPOOL, ServiceSettings
from harcli.service.spool import Spool
from harcli.tagging.tagger import Tagger

PATHS = ("/tag", "/tag/urls", "/healthz", "/metrics")

_ABOUT = (
    "Finds the people in photos and says what each wears, carries and looks like. Tags are guesses about appearance, "
    "and some are wrong; do not use them to decide anything about a person."
)

# Annotations are looked up in the module.
_BEARER = HTTPBearer(auto_error=False, description="The token that the operator has given you.")


class Service:
    """What all requests share."""

    def __init__(self, tagger: Tagger, settings: ServiceSettings) -> None:
        """
        Raises:
            HarcliError: an allowed URL is none.
        """
        self.allowed = AllowedUrls(settings.allow_urls)
        self.tagger, self.settings = tagger, settings
        self.metrics = Metrics(tagger.busy, lambda: self.desk.places)

    @asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncIterator[None]:
        """From the first request to the last."""
        self.live = self.tagger.live()
        self.spool = Spool(SPOOL)
        self.desk = Desk(self.live, self.settings.queue, self.settings.timeout)
        self.fetcher = Fetcher(self.allowed, self.settings.upload_timeout)
        try:
            yield
        finally:
            await self.fetcher.close()
            await asyncio.to_thread(self.live.close)
            self.spool.close()

    async def of_body(self, request: Request) -> list[Record]:
        """The records of the photo that a request brings."""
        self.desk.check()  # before it is sent, where the client waits for that
        settings = self.settings
        arriving, name = await bodies.receive_photo(request, self.spool, settings.most_bytes, settings.upload_timeout)
        try:
            self.desk.take()
            records = await bodies.unless_gone(request, self.desk.records(arriving.path, name))
        finally:
            arriving.__exit__(None, None, None)
        self.metrics.photo(records)
        return records

    def urls(self, body: bytes) -> list[str]:
        """The URLs of a list, all of which are allowed.

        Raises:
            Refused: it is no such list, or one is not allowed.
        """
        try:
            urls = strict_json.loads(body)["urls"]
            if not urls or not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            raise Refused(400, 'expected {"urls": ["https://...", ...]}') from None
        if len(urls) > (most := min(self.settings.max_urls, self.settings.queue)):
            raise Refused(413, f"{len(urls)} URLs; not more than {most} are taken at once")
        for number, url in enumerate(urls):
            try:
                self.allowed.check(url)
            except ValueError as error:
                raise Refused(403, f"urls[{number}]: {error}") from None
        return urls

    async def of_urls(self, urls: Sequence[str]) -> list[Record]:
        """The records of photos elsewhere, in turn."""
        self.desk.take(len(urls))
        tasks = [asyncio.ensure_future(self._of_url(url)) for url in urls]
        try:
            return [record for records in await asyncio.gather(*tasks) for record in records]
        finally:
            for task in tasks:
                task.cancel()

    async def _of_url(self, url: str) -> list[Record]:
        handed_in = False
        try:
            with self.spool.file(self.settings.most_bytes, url.partition("?")[0]) as arriving:
                try:
                    await self.fetcher.fetch(url, arriving)
                except FetchError as error:
                    records = [Record(url, error=one_line(str(error)))]
                else:
                    handed_in = True
                    records = await self.desk.records(arriving.path, url)
        finally:
            if not handed_in:
                self.desk.give_back()
        self.metrics.photo(records)
        return records

    def results(self, records: Sequence[Record], status: int = 200) -> Response:
        """Records as the JSON files of `harcli tag` have them."""
        info = self.tagger.info
        content = {"harcli": info.as_json(), "records": [as_object(record, info) for record in records]}
        return Response(json.dumps(content), status, media_type="application/json")


def make_app(tagger: Tagger, settings: ServiceSettings) -> App:
    """The service as an ASGI application.

    Raises:
        HarcliError: an allowed URL is none.
    """
    service = Service(tagger, settings)
    app: FastAPI = FastAPIOffline(
        redoc_url=None,
        title="harcli",
        version=__version__,
        description=_ABOUT,
        lifespan=service.running,
        swagger_ui_parameters={"validatorUrl": None},
    )

    async def admitted(shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> None:
        if not settings.admits(shown.credentials if shown else ""):
            raise Refused(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})

    guarded = [Depends(admitted)] if settings.token else []

    @app.post(
        "/tag",
        summary="Tag a photo",
        dependencies=guarded,
        responses=examples.PHOTO,
        openapi_extra=examples.PHOTO_BODY,
    )
    async def tag(
        request: Request,
        name: Annotated[str, Query(description="What the records say as `path`, if the photo is the body.")] = "",
    ) -> Response:
        """Send the photo as the body, or as the field `photo` of a form."""
        records = await service.of_body(request)
        return service.results(records, 422 if records[0].error else 200)

    @app.post(
        "/tag/urls",
        summary="Tag photos that the service fetches",
        dependencies=guarded,
        responses=examples.LIST,
        openapi_extra=examples.LIST_BODY,
    )
    async def tag_urls(request: Request) -> Response:
        """Only URLs that the operator has allowed are fetched; unless there are such, none."""
        if not service.allowed:
            raise Refused(403, "this service fetches nothing; the operator may allow URLs by --allow-url")
        urls = service.urls(await bodies.receive_json(request, settings.upload_timeout))
        return service.results(await bodies.unless_gone(request, service.of_urls(urls)))

    @app.get("/", include_in_schema=False)
    async def start(request: Request) -> Response:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/docs")  # what the terminal names is opened

    @app.get("/healthz", summary="Whether the service can answer", responses={503: {"description": "It cannot."}})
    async def healthz() -> Response:
        """Needs no token."""
        well = service.live.running
        return JSONResponse({"status": "ok" if well else "failed"}, 200 if well else 503)

    @app.get("/metrics", summary="Counters for Prometheus", dependencies=guarded)
    async def metrics() -> Response:
        """Requests, photos, people, seconds; what waits; how busy each stage was."""
        return Response(service.metrics.text(), media_type=KIND)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        if error.status == 500:
            print(f"harcli: {one_line(str(error.__cause__))}", file=sys.stderr)
        return JSONResponse({"detail": error.detail}, error.status, error.headers)

    @app.exception_handler(bodies.ClientDisconnect)
    async def client_gone(request: Request, error: Exception) -> Response:
        return Response(status_code=499)  # as nginx counts it; nobody reads it

    described = app.openapi
    app.openapi = lambda: examples.with_nulls(described())  # type: ignore[method-assign]
    return service.metrics.counting(app, PATHS)
