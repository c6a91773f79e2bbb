"""Listen, answer until told to stop, and stop when all that was asked for is answered."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import uvicorn

from harcli.errors import HarcliError
from harcli.service.app import make_app
from harcli.service.protocol import PatientProtocol
from harcli.service.settings import MOST_CONNECTIONS, ServiceSettings
from harcli.tagging.tagger import Tagger


def bound(host: str, port: int) -> socket.socket:
    """A socket that will listen there.

    Raises:
        HarcliError: there is no such address, or another program listens.
    """
    try:
        [(family, *_, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HarcliError(f"--host {host}: no address of this machine ({error})") from error
    try:
        if os.name == "posix":  # elsewhere it lets two programs have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise HarcliError(
            f"{host}, port {port}: cannot be listened on ({error.strerror}); see --host and --port"
        ) from error
    return listener


def make_server(tagger: Tagger, settings: ServiceSettings, ready: Callable[[], None]) -> uvicorn.Server:
    """What answers requests.

    Args:
        ready: is called when the first request may come.

    Raises:
        HarcliError: an allowed URL is none.
    """
    config = uvicorn.Config(
        make_app(tagger, settings),
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=max(1, round(settings.stop_timeout)),
    )
    return _Server(config, ready)


def serve(tagger: Tagger, settings: ServiceSettings, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Answer requests until SIGTERM or Ctrl-C; then those that have begun.

    Args:
        listener: where; made by `bound`.
        ready: see `make_server`.

    Raises:
        HarcliError: an allowed URL is none.
    """
    server = make_server(tagger, settings, ready)
    try:
        server.run(sockets=[listener])
    except (KeyboardInterrupt, SystemExit):
        # uvicorn sends itself the signal again when all is answered. A stop that went well is no failure.
        if not (server.started and server.should_exit):
            raise


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
