"""What the service counts, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from harcli.results import Record
from harcli.tagging.busy import Busy

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

KIND = CONTENT_TYPE_LATEST

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 20, 30, 60)


class Metrics:
    """Counters of one service."""

    def __init__(self, busy: Busy, waiting: Callable[[], int]) -> None:
        """
        Args:
            busy: of the tagger.
            waiting: how many photos wait or are looked at.
        """
        self._registry = CollectorRegistry()
        about: dict[str, Any] = {"registry": self._registry}
        self._requests = Counter("harcli_requests", "Requests answered.", ["path", "status"], **about)
        self._seconds = Histogram(
            "harcli_request_seconds", "From a request's head to its answer.", ["path"], buckets=_SECONDS, **about
        )
        self._photos = Counter("harcli_photos", "Photos: tagged, or unreadable.", ["result"], **about)
        self._people = Counter("harcli_people", "People found.", **about)
        gauge = Gauge("harcli_photos_waiting", "Photos that wait or are looked at.", **about)
        gauge.set_function(waiting)
        self._registry.register(_BusySeconds(busy))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def photo(self, records: Sequence[Record]) -> None:
        """Count a photo by its records."""
        self._photos.labels("unreadable" if records[0].error else "tagged").inc()
        self._people.inc(sum(record.person > 0 for record in records))

    def text(self) -> bytes:
        """All counters as Prometheus reads them."""
        return generate_latest(self._registry)

    def counting(self, app: App, paths: Iterable[str]) -> App:
        """The application with its requests counted.

        Args:
            paths: those that are counted each by itself; whatever else clients may ask for is `other`.
        """
        known = frozenset(paths)

        async def counted(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            path = scope["path"] if scope["path"] in known else "other"
            start, status = time.perf_counter(), "none"

            async def sent(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = str(message["status"])
                await send(message)

            try:
                await app(scope, receive, sent)
            finally:
                self._requests.labels(path, status).inc()
                self._seconds.labels(path).observe(time.perf_counter() - start)

        return counted


class _BusySeconds:
    """How long each stage was at work."""

    def __init__(self, busy: Busy) -> None:
        self._busy = busy

    def collect(self) -> Iterable[CounterMetricFamily]:
        """One counter, by stage."""
        family = CounterMetricFamily("harcli_busy_seconds", "Seconds at work, of all threads.", labels=["stage"])
        for stage, seconds in self._busy.seconds.items():
            family.add_metric([stage], seconds)
        yield family
