"""Clients of `harcli serve` that nobody wants, for `serve.py`: each kind comes again and again, in a thread."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import TracebackType

PATIENCE = 20.0  # seconds for an answer
PAUSE = 0.5  # seconds between two clients of a kind: the load is bounded
GIANT = 10**10
_LATER = "429"  # they show the right token, and the queue may be full


class Hostile:
    """Runs them while the block lasts."""

    def __init__(self, port: int, token: str, photo: bytes) -> None:
        self._port, self._photo = port, photo
        self._good = f"Authorization: Bearer {token}\r\n"
        self._over = threading.Event()
        self._kinds: dict[str, tuple[Callable[[socket.socket], None], set[str]]] = {
            "truncated body": (self._truncated, {"closed", _LATER}),
            "wrong token": (self._wrong_token, {"401"}),
            "no photo": (self._garbage, {"422", _LATER}),
            "wrong type": (self._wrong_type, {"403", "415"}),
            "giant, said": (self._giant_said, {"413", _LATER}),
            "giant, in pieces": (self._giant_in_pieces, {"413", "408", "closed", _LATER}),
            "slow body": (self._slow_body, {"408", "closed", _LATER}),
            "slow head": (self._slow_head, {"closed"}),
            "not HTTP": (self._noise, {"400", "closed"}),
            "gone at once": (self._gone, {"closed", _LATER}),
            "a path of the server": (self._path, {"404"}),
        }
        self._answers: dict[str, Counter[str]] = {name: Counter() for name in self._kinds}
        self._threads = [threading.Thread(target=self._come_again, args=(name,)) for name in self._kinds]

    def __enter__(self) -> Hostile:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def told(self) -> Iterator[tuple[str, str, bool]]:
        """Of each kind its name, what it was answered how often, and whether that is well."""
        for name, (_, expected) in self._kinds.items():
            seen = self._answers[name]
            yield name, ", ".join(f"{status} x{count}" for status, count in seen.items()), set(seen) <= expected

    def _come_again(self, name: str) -> None:
        while not self._over.wait(PAUSE):
            status = "closed"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), PATIENCE) as stream:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._kinds[name][0](stream)
                with contextlib.suppress(ConnectionResetError):
                    answer = stream.recv(64)
                    status = answer[9:12].decode("latin-1") if answer.startswith(b"HTTP/1.1 ") else "closed"
            self._answers[name][status] += 1

    def _send(self, stream: socket.socket, head: str, body: bytes = b"") -> None:
        stream.sendall(f"{head}Host: x\r\n\r\n".encode() + body)

    def _truncated(self, stream: socket.socket) -> None:
        size = len(self._photo)
        self._send(stream, f"POST /tag HTTP/1.1\r\n{self._good}Content-Length: {size}\r\n", self._photo[: size // 2])
        stream.shutdown(socket.SHUT_WR)

    def _wrong_token(self, stream: socket.socket) -> None:
        head = f"POST /tag HTTP/1.1\r\nAuthorization: Bearer guessed\r\nContent-Length: {len(self._photo)}\r\n"
        self._send(stream, head, self._photo)

    def _garbage(self, stream: socket.socket) -> None:
        body = os.urandom(10_000)
        self._send(stream, f"POST /tag HTTP/1.1\r\n{self._good}Content-Length: {len(body)}\r\n", body)

    def _wrong_type(self, stream: socket.socket) -> None:
        head = f"POST /tag/urls HTTP/1.1\r\n{self._good}Content-Type: text/plain\r\nContent-Length: 2\r\n"
        self._send(stream, head, b"{}")

    def _giant_said(self, stream: socket.socket) -> None:
        self._send(stream, f"POST /tag HTTP/1.1\r\n{self._good}Content-Length: {GIANT}\r\n", b"x" * 1000)

    def _giant_in_pieces(self, stream: socket.socket) -> None:
        self._send(stream, f"POST /tag HTTP/1.1\r\n{self._good}Transfer-Encoding: chunked\r\n")
        piece = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
        for _ in range(100):  # twice what the service takes
            stream.sendall(piece)

    def _slow_body(self, stream: socket.socket) -> None:
        self._send(stream, f"POST /tag HTTP/1.1\r\n{self._good}Content-Length: 100000\r\n")
        self._slowly(stream)

    def _slow_head(self, stream: socket.socket) -> None:
        stream.sendall(b"POST /tag HTTP/1.1\r\nX: ")
        self._slowly(stream)

    def _slowly(self, stream: socket.socket) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self._over.is_set():
            stream.sendall(b"x")
            stream.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                stream.recv(1, socket.MSG_PEEK)
                break  # answered, or closed
        stream.settimeout(PATIENCE)

    def _noise(self, stream: socket.socket) -> None:
        stream.sendall(os.urandom(200) + b"\r\n\r\n")

    def _gone(self, stream: socket.socket) -> None:
        self._send(stream, f"POST /tag HTTP/1.1\r\n{self._good}Content-Length: {len(self._photo)}\r\n", self._photo)
        stream.shutdown(socket.SHUT_RDWR)

    def _path(self, stream: socket.socket) -> None:
        self._send(stream, f"GET /../../etc/passwd HTTP/1.1\r\n{self._good}")
