"""The Dockerfile's steps, read: Docker itself is seldom at hand where tests run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.specifiers import SpecifierSet

from harcli.cli.main import app
from harcli.cli.with_settings import OtherCommand

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

Build = Callable[[str, Path, Path], Path]


def steps() -> list[tuple[str, str]]:
    """Instruction and the rest of each step."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)
    ]


def all_of(instruction: str) -> list[str]:
    return [rest for word, rest in steps() if word == instruction]


def allowed() -> set[str]:
    """What .dockerignore lets through."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    return {line[1:] for line in lines if line.startswith("!")}


def check_arguments(given: dict[str, str]) -> None:
    """Python and extras are such as there are."""
    assert set(given) <= {"PYTHON", "EXTRAS"}
    if python := given.get("PYTHON"):
        assert python in SpecifierSet(PROJECT["requires-python"])
        assert f"Programming Language :: Python :: {python}" in PROJECT["classifiers"]
    for extra in filter(None, given.get("EXTRAS", "").split(",")):
        assert extra in PROJECT["optional-dependencies"]


def test_arguments_are_such_as_there_are() -> None:
    check_arguments(dict(each.split("=") for each in all_of("ARG")))
    assert "ARG EXTRAS=serve" in [" ".join(step) for step in steps()]
    builds = [
        line
        for file in ("Dockerfile", "docs/serve.md")
        for line in (ROOT / file).read_text().splitlines()
        if "docker build" in line
    ]
    assert sum("cuda" in line for line in builds) >= 2
    for line in builds:
        check_arguments(dict(re.findall(r"--build-arg (\w+)=(\S+)", line)))


def test_what_is_copied_makes_the_same_wheel(build: Build, wheel: Path, tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    for step in all_of("COPY"):
        *sources, target = step.split()
        for source in sources:
            assert source in allowed()
            if (ROOT / source).is_dir():
                assert target == source
                shutil.copytree(ROOT / source, context / source, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                assert target == "./"
                shutil.copy(ROOT / source, context)
    again = build("wheel", context, tmp_path / "out")
    with zipfile.ZipFile(again) as copied, zipfile.ZipFile(wheel) as whole:
        assert sorted(copied.namelist()) == sorted(whole.namelist())


def test_it_does_not_run_as_root() -> None:
    words = [word for word, _ in steps()]
    [user] = all_of("USER")
    assert int(user) > 0
    assert words.index("USER") > max(at for at, word in enumerate(words) if word in ("RUN", "FROM"))
    assert any(f"useradd --uid {user}" in step for step in all_of("RUN"))


def test_what_it_runs_is_a_command_line_of_serve() -> None:
    [entry] = all_of("ENTRYPOINT")
    program, command, *options = json.loads(entry)
    assert (program, command) == ("harcli", "serve")
    serve = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    assert isinstance(serve, OtherCommand)
    given = serve.make_context(command, options).params
    assert given["host"] == "0.0.0.0"
    assert all_of("EXPOSE") == [str(given["port"])]
    assert all_of("STOPSIGNAL") == ["SIGTERM"]


class Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_asks_the_port_that_is_listened_on(status: int, code: int) -> None:
    [check] = all_of("HEALTHCHECK")
    program, *arguments = json.loads(check.partition("CMD ")[2])
    [port] = all_of("EXPOSE")
    assert program == "python"
    assert f":{port}/" in arguments[-1]
    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Health,), {"status": status}))
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    arguments[-1] = arguments[-1].replace(f":{port}/", f":{server.server_port}/")
    done = subprocess.run([sys.executable, *arguments], capture_output=True, timeout=60)
    thread.join()
    server.server_close()
    assert done.returncode == code
