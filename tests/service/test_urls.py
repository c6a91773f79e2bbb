"""Nothing is fetched but what the operator allows, whatever the URL looks like and wherever it leads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harcli.errors import HarcliError
from harcli.service.allowed import AllowedUrls

Serve = Callable[..., Any]

ALLOWED = AllowedUrls(("https://photos.example.org/2024/", "http://[::1]:8080/a", "http://10.0.0.1"))


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://photos.example.org/2024/a.jpg", "https://photos.example.org:443/2024/a.jpg"),
        ("HTTPS://Photos.Example.org:443/2024/a.jpg?x=1#y", "https://photos.example.org:443/2024/a.jpg?x=1"),
        ("http://[::1]:8080/a/b.jpg", "http://[::1]:8080/a/b.jpg"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://10.0.0.1", "http://10.0.0.1:80/"),
        ("https://photos.example.org/2024/a%20b.jpg", "https://photos.example.org:443/2024/a%20b.jpg"),
    ],
)
def test_allowed(url: str, fetched: str) -> None:
    assert ALLOWED.check(url).url == fetched


@pytest.mark.parametrize(
    "url",
    [
        "http://photos.example.org/2024/a.jpg",
        "https://photos.example.org:444/2024/a.jpg",
        "https://photos.example.org/2025/a.jpg",
        "https://photos.example.org/2024",
        "https://photos.example.org.evil.com/2024/a.jpg",
        "https://photos.example.org@evil.com/2024/a.jpg",
        "https://evil.com#@photos.example.org/2024/a.jpg",
        "https://evil.com\\@photos.example.org/2024/a.jpg",
        "https://u:p@photos.example.org/2024/a.jpg",
        "https://photos.example.org/2024/../private.jpg",
        "https://photos.example.org/2024/%2e%2e/private.jpg",
        "https://photos.example.org/2024/%252e%252e%252fprivate.jpg",
        "https://photos.example.org/2024/..;/private.jpg",
        "https://photos.example.org/2024/..\\private.jpg",
        "https://photos.example.org/2024/a b.jpg",
        "https://photos.example.org/2024/a.jpg\r\nHost: evil.com",
        "https://phötos.example.org/2024/a.jpg",
        "http://[::1]:8080/ab.jpg",
        "http://[::1]:8081/a",
        "http://[::1]:99999/a",
        "http://[::1/a",
        "http://10.0.0.1.nip.io/",
        "http://0x0a000001/",
        "file:///etc/passwd",
        "//photos.example.org/2024/a.jpg",
        "/etc/passwd",
        "",
    ],
)
def test_not_allowed(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ALLOWED.check(url)


@pytest.mark.parametrize(
    "beginning", ["photos.example.org/", "ftp://a/", "https://u:p@a/", "https://a/?x=1", "https:///a"]
)
def test_what_cannot_be_allowed(beginning: str) -> None:
    with pytest.raises(HarcliError, match="--allow-url"):
        AllowedUrls((beginning,))


class Elsewhere(BaseHTTPRequestHandler):
    """Other people's server."""

    asked: list[str]
    headers_seen: list[dict[str, str]]
    photo: bytes

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.headers_seen.append(dict(self.headers))
        name = self.path.rpartition("/")[2]
        if name.startswith("to-"):
            self.send_response(302)
            self.send_header(
                "Location",
                {
                    "to-photo": "/ok/photo.png",
                    "to-private": "/private",
                    "to-itself": "/ok/to-itself",
                    "to-file": "file:///etc/passwd",
                }[name],
            )
            self.end_headers()
            return
        if name == "gone.png":
            self.send_error(404)
            return
        self.send_response(200)
        if name == "short.png":
            self.send_header("Content-Length", str(len(self.photo) + 100))
        if name == "cookie.png":
            self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        if name == "endless.png":
            for _ in range(100):
                self.wfile.write(b"x" * 1000)
        elif name == "slow.png":
            for _ in range(60):
                self.wfile.write(b"x")
                time.sleep(0.1)
        else:
            self.wfile.write(self.photo)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def elsewhere(photo: Path) -> Iterator[Any]:
    """`elsewhere.asked`, `elsewhere.url`."""
    handler = type("Handler", (Elsewhere,), {"asked": [], "headers_seen": [], "photo": photo.read_bytes()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    handler.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_is_fetched_unless_allowed(serve: Serve, elsewhere: Any) -> None:
    answer = serve().http.post("/tag/urls", json={"urls": [f"{elsewhere.url}/ok/photo.png"]})
    assert answer.status_code == 403
    assert "fetches nothing" in answer.json()["detail"]
    other = serve(allow_urls=(f"{elsewhere.url}/ok/",)).http.post(
        "/tag/urls", json={"urls": [f"{elsewhere.url}/ok/photo.png", f"{elsewhere.url}/private"]}
    )
    assert other.status_code == 403
    assert other.json()["detail"].startswith("urls[1]: ")
    assert elsewhere.asked == []


def test_what_is_allowed_is_tagged_like_a_file(
    serve: Serve, elsewhere: Any, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    served = serve(allow_urls=(f"{elsewhere.url}/ok/",), max_upload=0.05, upload_timeout=3.0)
    names = [
        "photo.png",
        "to-photo",
        "gone.png",
        "short.png",
        "endless.png",
        "slow.png",
        "to-private",
        "to-itself",
        "to-file",
        "cookie.png",
        "photo.png",
    ]
    urls = [f"{elsewhere.url}/ok/{name}" for name in names]
    answer = served.http.post("/tag/urls", json={"urls": urls})
    assert answer.status_code == 200
    records = answer.json()["records"]
    assert list(dict.fromkeys(record["path"] for record in records)) == list(dict.fromkeys(urls))
    by_name = {record["path"].rpartition("/")[2]: record for record in records}
    [wanted, _] = served.http.post("/tag", content=photo.read_bytes()).json()["records"]
    first = {**records[0], "path": ""}
    assert first == wanted
    assert by_name["to-photo"]["error"] is None
    assert "answers 404" in by_name["gone.png"]["error"]
    assert "cannot be fetched" in by_name["short.png"]["error"]
    assert "larger than 0.05 MB" in by_name["endless.png"]["error"]
    assert "takes longer than 3 s" in by_name["slow.png"]["error"]
    assert "not among those" in by_name["to-private"]["error"]
    assert "more than 5 times" in by_name["to-itself"]["error"]
    assert "only http and https" in by_name["to-file"]["error"]
    assert "/private" not in elsewhere.asked
    served.http.post("/tag/urls", json={"urls": urls[:1]})
    assert not any("Cookie" in seen or "Authorization" in seen for seen in elsewhere.headers_seen)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"json": {"urls": []}}, 400),
        ({"json": {"urls": "http://a/"}}, 400),
        ({"json": {"urls": [1]}}, 400),
        ({"json": ["http://a/"]}, 400),
        ({"json": {}}, 400),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"[" * 100_000, "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b'{"urls": ["http://a/"]}', "headers": {"Content-Type": "text/plain"}}, 415),
        ({"content": b" " * 1_000_001, "headers": {"Content-Type": "application/json"}}, 413),
        ({"json": {"urls": ["http://a/"] * 4}}, 413),
    ],
)
def test_no_list(serve: Serve, body: dict[str, Any], status: int) -> None:
    answer = serve(allow_urls=("http://a/",), max_urls=3).http.post("/tag/urls", **body)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_list_takes_a_place_for_each(serve: Serve, elsewhere: Any) -> None:
    served = serve(allow_urls=(elsewhere.url,), queue=3)
    url = f"{elsewhere.url}/ok/photo.png"
    served.detector.go.clear()
    sending = threading.Thread(target=served.http.post, args=("/tag/urls",), kwargs={"json": {"urls": [url] * 2}})
    sending.start()
    for _ in range(100):
        if "harcli_photos_waiting 2.0" in served.http.get("/metrics").text:
            break
        time.sleep(0.05)
    assert served.http.post("/tag/urls", json={"urls": [url] * 2}).status_code == 429
    served.detector.go.set()
    sending.join()
    for bad in ("gone.png", "photo.png"):
        assert served.http.post("/tag/urls", json={"urls": [f"{elsewhere.url}/{bad}"] * 3}).status_code == 200
    assert "harcli_photos_waiting 0.0" in served.http.get("/metrics").text
