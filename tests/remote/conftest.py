"""A bucket on a real S3 protocol server (moto's, on loopback), and a proxy before it that slows, breaks and cuts off
answers.

What it cannot show: permissions by policy, throttling as AWS does it, latency and the price of a request, consistency
between regions, encryption by KMS (whose etags are no MD5).
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.video.conftest import make_film, pan  # noqa: F401  (fixtures)

if importlib.util.find_spec("moto") is None or importlib.util.find_spec("s3fs") is None:
    pytest.skip("an S3 server to test with is missing: pip install '.[dev]'", allow_module_level=True)

SECRET = "nobodys-secret-access-key"


@dataclass
class Trouble:
    """What the proxy does to requests, and which it has seen.

    Attributes:
        answer: by method and path: what it does in place of the usual; None: passes it on.
        seen: methods and paths, in order.
        bytes: that it has passed on to whoever asked.
    """

    answer: Callable[[str, str], str | None] = lambda method, path: None
    seen: list[tuple[str, str]] = field(default_factory=list)
    bytes: int = 0

    def gets(self, ending: str) -> int:
        """How often an object whose name ends like this was read."""
        return sum(method == "GET" and path.partition("?")[0].endswith(ending) for method, path in self.seen)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[int]:
    """The port of moto's server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def trouble(s3_server: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    """The proxy, which the environment names as the place of S3."""
    about = Trouble()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(s3_server, about))
    proxy.daemon_threads = True
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    _forget()
    yield about
    proxy.shutdown()
    proxy.server_close()
    _forget()


@pytest.fixture
def bucket(trouble: Trouble, s3_server: int, request: pytest.FixtureRequest) -> Any:
    """An S3 client of `photos`, an empty bucket: `bucket.put(key, content)`, `bucket.get(key)`, `bucket.names()`."""
    import boto3

    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{s3_server}")
    client.create_bucket(Bucket="photos")
    yield Bucket(client)
    for key in Bucket(client).names():
        client.delete_object(Bucket="photos", Key=key)
    client.delete_bucket(Bucket="photos")


@dataclass
class Bucket:
    """What tests put into it and find in it, past the proxy."""

    client: Any

    def put(self, key: str, content: bytes | Path) -> None:
        body = content.read_bytes() if isinstance(content, Path) else content
        self.client.put_object(Bucket="photos", Key=key, Body=body)

    def get(self, key: str) -> bytes:
        return bytes(self.client.get_object(Bucket="photos", Key=key)["Body"].read())

    def names(self) -> list[str]:
        return [each["Key"] for each in self.client.list_objects_v2(Bucket="photos").get("Contents", [])]


def _forget() -> None:
    """File systems that are open belong to the server of another test."""
    from harcli.remote import urls

    urls._open.clear()


def _handler(port: int, about: Trouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # clients ask whether they may go on before they send a file

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            about.seen.append((self.command, self.path))
            what = about.answer(self.command, self.path)
            if what is not None and what.isdigit():
                self.send_response(int(what))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if what == "close":
                self.close_connection = True
                return
            upstream = HTTPConnection("127.0.0.1", port)
            upstream.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k != "Host"})
            answer = upstream.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                dropped = name.lower() in ("transfer-encoding", "connection", "content-length", "date", "server")
                if not dropped and not name.lower().startswith("x-amz-checksum"):  # older servers have no checksums
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            if what == "shorter":  # as if the whole were half as long
                content = content[: len(content) // 2]
                length = str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            if what == "cut off":
                content = content[: len(content) // 2]
                self.close_connection = True
            if what == "stall":
                threading.Event().wait(5)
            if self.command != "HEAD":
                about.bytes += len(content)
                self.wfile.write(content)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass_on

        def log_message(self, *_: object) -> None:
            pass

    return Handler
