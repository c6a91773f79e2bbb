"""`harcli serve` as a process: it starts, refuses what is wrong in one line, and stops when all is answered."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals: run this on Linux or macOS")


@pytest.fixture
def process(tiny_model: Path, tmp_path: Path) -> Iterator[Callable[..., tuple[Any, int, str]]]:
    """`process(*options)` starts the command: the process, its port, and what it said."""
    started = []

    def start(*options: str, **environment: str) -> tuple[Any, int, str]:
        command = [sys.executable, "-m", "harcli", "serve", "--port", "0", "--no-detect", "--model", str(tiny_model)]
        child = subprocess.Popen(
            [*command, *options], stderr=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ, **environment}
        )
        started.append(child)
        said = ""
        assert child.stderr is not None
        while "listening" not in said:
            line = child.stderr.readline()
            assert line, said
            said += line
        return child, int(said.split(";")[-2].rpartition(":")[2]), said

    yield start
    for child in started:
        child.kill()
        child.communicate()


@posix
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_who_has_asked_is_answered_when_it_is_stopped(
    process: Callable[..., tuple[Any, int, str]], photo: Path, stop: signal.Signals
) -> None:
    child, port, _ = process()
    body = photo.read_bytes()
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    client.putrequest("POST", "/tag")
    client.putheader("Content-Length", str(len(body)))
    client.endheaders()
    client.send(body[:100])
    time.sleep(0.3)  # until it is being received
    child.send_signal(stop)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("it still takes new requests")
    client.send(body[100:])
    answer = client.getresponse()
    assert answer.status == 200
    assert json.loads(answer.read())["records"][0]["person"] == 1
    assert child.wait(20) == 0
    assert child.stderr.read() == "harcli: stopped\n"


def test_the_token_is_not_an_option(process: Callable[..., tuple[Any, int, str]], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    for options, environment in ((("--token-file", "token"), {}), ((), {"HARCLI_TOKEN": "s3cret"})):
        child, port, said = process(*options, **environment)
        for headers, status in (({}, 401), ({"Authorization": "Bearer s3cret"}, 200)):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            client.request("GET", "/metrics", headers=headers)
            assert client.getresponse().status == status
        assert "s3cret" not in said
        child.kill()


def test_an_open_address_without_a_token_is_pointed_out(process: Callable[..., tuple[Any, int, str]]) -> None:
    _, _, said = process("--host", "0.0.0.0")
    assert said.startswith("harcli: without a token, whoever reaches 0.0.0.0 can use it")


def test_it_listens_on_this_machine_alone(process: Callable[..., tuple[Any, int, str]]) -> None:
    _, port, said = process()
    assert said == f"harcli: listening on http://127.0.0.1:{port}; /docs says how to ask\n"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--host", "no.such.host.invalid"), 1, "--host no.such.host.invalid: no address of this machine"),
        (("--host", "192.0.2.1"), 1, "192.0.2.1, port 8000: cannot be listened on"),
        (("--allow-url", "photos.example.org"), 1, "--allow-url photos.example.org: only http and https"),
        (("--token-file", "none"), 1, "none: cannot be read"),
        (("--token-file", "blank"), 1, "blank: expected a token"),
        (("--attributes", "hut", "--port", "0"), 2, "hut"),
        (("--sure", "--more"), 2, "it excludes --more"),
        (("--no-detect", "--confidence", "0.3"), 2, "it excludes --detector and --confidence"),
        (("--queue", "0"), 2, "--queue"),
        (("--precision", "fp16", "--port", "0"), 1, "has no fp16 beside it"),
    ],
)
def test_mistakes(harcli: Run, tmp_path: Path, options: tuple[str, ...], code: int, said: str) -> None:
    (tmp_path / "blank").write_text("two words")
    ended = harcli("serve", *options)
    assert ended.returncode == code
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_that_is_taken(harcli: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = harcli("serve", "--port", str(other.getsockname()[1]))
    assert ended.returncode == 1
    assert "cannot be listened on (Address already in use); see --host and --port" in ended.stderr
