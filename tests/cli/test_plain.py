"""Help and mistakes name no types of Python, and no command is described by half a sentence."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
import typer

from harcli.cli.main import app
from harcli.cli.plain import plain_mistake, plain_usage, plain_value
from harcli.cli.reference import commands

NAMES = [command.name for command in commands(app)]


@pytest.mark.parametrize(
    ("typers", "ours"),
    [
        ("--fps <float range>", "--fps NUMBER"),
        ("--batch <int>", "--batch N"),
        ("-o, --out <path>", "-o, --out PATH"),
        ("--loss <str>", "--loss TEXT"),
        ("--ignore <list[str]>", "--ignore TEXT"),
        ("--paths <named|absolute>", "--paths named|absolute"),
        ("--without NAMES", "--without NAMES"),
        ("--threshold [NAME=]P", "--threshold [NAME=]P"),
        ("--batch INTEGER RANGE", "--batch INTEGER RANGE"),  # earlier versions of Typer
    ],
)
def test_values(typers: str, ours: str) -> None:
    assert plain_value(typers) == ours


@pytest.mark.parametrize(
    ("typers", "ours"),
    [
        ("{PATH...}...", "PATH..."),
        ("{RESULTS}", "RESULTS"),
        ("[[PHOTO...]]...", "[PHOTO...]"),
        ("[OPTIONS]", "[OPTIONS]"),
        ("PATH...", "PATH..."),
    ],
)
def test_usage(typers: str, ours: str) -> None:
    assert plain_usage(typers) == ours


def test_mistakes() -> None:
    assert plain_mistake("Input should be less than or equal to 1") == "it should be less than or equal to 1"
    assert plain_mistake("Value error, 'foo' is not one of 'a', 'b'.") == "'foo' is not one of 'a', 'b'."
    assert plain_mistake("no such file") == "no such file"


def test_help_of_every_command() -> None:
    words = re.compile(r"<(str|int|float|path|list\[)|[{}]|\.{4}|\]\]")
    for name in NAMES:
        context = typer.main.get_command(app).make_context("harcli", name.split(), resilient_parsing=True)
        command = typer.main.get_command(app)
        for part in name.split():
            command = command.commands[part]  # type: ignore[attr-defined]
        text = command.get_help(context)
        assert not words.search(text), (name, words.search(text))


def test_mistake_of_a_value_and_line_of_usage(harcli: Callable) -> None:
    done = harcli("tag", "photos", "--confidence", "3")
    assert done.returncode == 2
    assert "Usage: harcli tag [OPTIONS] PATH...\n" in done.stderr
    assert "Input" not in done.stderr
    assert "{" not in done.stderr


@pytest.mark.parametrize("arguments", [[], ["store"], ["datasets"], ["models"]])
def test_no_command_is_described_by_half_a_sentence(harcli: Callable, arguments: list[str]) -> None:
    listed = harcli(*arguments, "--help").stdout.partition("\nCommands:\n")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process: run this on Linux or macOS")
def test_ctrl_c_while_it_loads_is_quiet() -> None:
    """A signal while modules are imported; no traceback, and the exit code of Ctrl-C."""
    code = (
        "import sys, signal, os\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'harcli.cli.report': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from harcli.cli.main import run\n"
        "run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "")
