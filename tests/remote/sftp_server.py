"""An SFTP server on loopback, paramiko's own, for one folder and one user."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

USER, PASSWORD = "ann", "nobodys-password"


@dataclass
class Server:
    """What the server does and has seen.

    Attributes:
        port: on 127.0.0.1.
        folder: what stands at `/`.
        reads: names of files that were opened for reading, in order.
        connections: those that were made.
        answer: by name of a file, `closed` (the connection ends when it is opened), `shorter` (half of it comes) or
            None (all does).
        closed: folders that may not be listed.
    """

    port: int
    folder: Path
    reads: list[str] = field(default_factory=list)
    connections: int = 0
    answer: Callable[[str], str | None] = lambda name: None
    closed: tuple[str, ...] = ()

    def url(self, path: str, password: str = PASSWORD) -> str:
        return f"sftp://{USER}:{password}@127.0.0.1:{self.port}/{path}"


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server, until the block ends."""
    key = paramiko.ECDSAKey.generate()
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1], folder)
    transports: list[Any] = []

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed, below
                return
            server.connections += 1
            transport = paramiko.Transport(connection)
            transports.append(transport)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, server, transport)
            with contextlib.suppress(paramiko.SSHException, EOFError):  # whoever has gone
                transport.start_server(server=_Login(), event=threading.Event())

    threading.Thread(target=listen, daemon=True).start()
    yield server
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for transport in transports:
        transport.close()


class _Login(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        fits = (username, password) == (USER, PASSWORD)
        return int(paramiko.AUTH_SUCCESSFUL if fits else paramiko.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


class _Files(paramiko.SFTPServerInterface):
    """Files of a folder, as the operating system has them."""

    def __init__(self, login: Any, server: Server, transport: Any) -> None:
        super().__init__(login)
        self._server, self._transport = server, transport

    def _here(self, path: str) -> Path:
        return self._server.folder / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        if path.rpartition("/")[2] in self._server.closed:
            return paramiko.SFTP_PERMISSION_DENIED
        return _answer(lambda: [_attributes(each) for each in sorted(self._here(path).iterdir())])

    def stat(self, path: str) -> Any:
        return _answer(lambda: _attributes(self._here(path)))

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        def opened() -> Any:
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
            handle = _Handle(flags)
            if writes:
                handle.writefile = self._here(path).open("wb")
                return handle
            handle.readfile = self._here(path).open("rb")
            self._server.reads.append(path.rpartition("/")[2])
            what = self._server.answer(self._server.reads[-1])
            if what == "closed":
                self._transport.close()
            if what == "shorter":
                handle.end = self._here(path).stat().st_size // 2
            return handle

        return _answer(opened)

    def remove(self, path: str) -> Any:
        return _answer(lambda: self._here(path).unlink() or paramiko.SFTP_OK)

    def rename(self, oldpath: str, newpath: str) -> Any:
        return _answer(lambda: self._here(oldpath).rename(self._here(newpath)) and paramiko.SFTP_OK)

    posix_rename = rename

    def mkdir(self, path: str, attr: Any) -> Any:
        return _answer(lambda: self._here(path).mkdir() or paramiko.SFTP_OK)


class _Handle(paramiko.SFTPHandle):
    readfile: Any
    writefile: Any
    end: int | None = None

    def read(self, offset: int, length: int) -> Any:
        if self.end is not None:
            length = max(0, min(length, self.end - offset))
        return super().read(offset, length) if length else paramiko.SFTP_EOF

    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat((getattr(self, "readfile", None) or self.writefile).fileno()))


def _attributes(path: Path) -> Any:
    return paramiko.SFTPAttributes.from_stat(path.stat(), path.name)


def _answer(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno or 0)
