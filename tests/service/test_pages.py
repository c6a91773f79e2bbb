"""The pages about the service, its counters, and clients that do nothing."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Serve = Callable[..., Any]


def test_the_page_shows_examples_and_loads_nothing_from_elsewhere(serve: Serve) -> None:
    served = serve(token="s3cret")
    page = served.http.get("/docs").text
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert len(loaded) >= 3
    for each in loaded:
        assert each.startswith("/")
        assert served.http.get(each).status_code == 200
    about = served.http.get("/openapi.json").json()
    assert set(about["paths"]) == {"/tag", "/tag/urls", "/healthz", "/metrics"}
    for path in ("/tag", "/tag/urls"):
        post = about["paths"][path]["post"]
        assert post["security"]
        assert post["requestBody"]["content"]
        for answer in post["responses"].values():
            assert answer["content"]["application/json"]["example"]


def test_the_address_that_the_terminal_names_leads_to_the_page(serve: Serve) -> None:
    answer = serve().http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_the_examples_have_the_form_of_the_answers(serve: Serve, photo: Path) -> None:
    served = serve()
    answer = served.http.post("/tag", content=photo.read_bytes()).json()
    example = served.http.get("/openapi.json").json()["paths"]["/tag"]["post"]["responses"]["200"]
    example = example["content"]["application/json"]["example"]
    assert set(example["harcli"]) == set(answer["harcli"])
    assert set(example["records"][0]) == set(answer["records"][0])


@pytest.mark.parametrize(
    "path",
    [
        "/static-offline-docs/../core.py",
        "/static-offline-docs/%2e%2e/core.py",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/tag/..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_file_of_the_server_can_be_read(serve: Serve, path: str) -> None:
    served = serve()
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.split()[1] in (b"404", b"405")
    assert b"root:" not in answer
    assert b"import" not in answer


def test_counters(serve: Serve, photo: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    served = serve()
    served.http.post("/tag", content=photo.read_bytes())
    served.http.post("/tag", content=b"no photo")
    served.http.get("/some/where")
    answer = served.http.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["harcli_requests_total", "/tag", "200"] == 1
    assert samples["harcli_requests_total", "/tag", "422"] == 1
    assert samples["harcli_requests_total", "other", "404"] == 1
    assert samples["harcli_photos_total", "tagged"] == samples["harcli_photos_total", "unreadable"] == 1
    assert samples["harcli_people_total",] == 2
    assert samples["harcli_photos_waiting",] == 0
    assert samples["harcli_busy_seconds_total", "detect"] > 0
    assert samples["harcli_request_seconds_count", "/tag"] == 2


def test_a_body_that_does_not_come(serve: Serve) -> None:
    served = serve(upload_timeout=0.3)
    for kind in (b"", b"Content-Type: multipart/form-data; boundary=x\r\n"):
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
            client.sendall(b"POST /tag HTTP/1.1\r\nHost: x\r\n" + kind + b"Content-Length: 1000\r\n\r\n--x")
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.split()[1] == b"408"
        assert b"took longer than 0.3 s" in answer


def test_a_head_that_does_not_come(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.service import protocol

    monkeypatch.setattr(protocol, "HEAD", 0.3)
    served = serve()
    for before, beginning in (
        (b"", b""),
        (b"", b"GET /heal"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /he"),
    ):
        with socket.create_connection(("127.0.0.1", served.port), timeout=5) as client:
            if before:
                client.sendall(before)
                assert client.recv(65536)
            client.sendall(beginning)
            start = time.monotonic()
            try:
                while client.recv(65536):
                    pass
            except ConnectionResetError:
                pass
            assert time.monotonic() - start < 4
    assert served.http.get("/healthz").status_code == 200


def test_an_answer_that_is_not_read(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.service import protocol

    monkeypatch.setattr(protocol, "READING", 0.3)
    served = serve()
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", served.port))
    ask = b"GET /static-offline-docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"
    client.sendall(ask * 8)  # more than the system's buffers take
    for _ in range(100):
        if not served.server.server_state.connections:
            break
        time.sleep(0.05)
    assert not served.server.server_state.connections
    client.close()
