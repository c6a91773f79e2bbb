"""The reference of commands is what the program offers, and each example could be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
import typer.main

from harcli.cli.main import app
from harcli.cli.reference import commands, page

ROOT = Path(__file__).parents[2]
COMMANDS = {command.name: command for command in commands(app)}
UPDATE = "run `python -m harcli.cli.reference` in the repository, which brings it up to date"


def leaf(name: str) -> Any:
    """The command as Typer runs it."""
    command: Any = typer.main.get_command(app)
    for part in name.split():
        command = command.commands[part]
    return command


def test_docs_are_current() -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == page(app), UPDATE


def test_the_table_leads_to_every_command() -> None:
    rows = re.findall(r"^\| \[`(.*?)`\]\(#(.*?)\) \| .+ \|$", page(app), re.MULTILINE)
    assert [name for name, _ in rows] == list(COMMANDS)
    headings = re.findall(r"^## (.*)$", page(app), re.MULTILINE)
    assert [anchor for _, anchor in rows] == [heading.replace(" ", "-") for heading in headings]


def test_no_command_is_missing() -> None:
    """Against Typer's own tree; a group that does nothing itself is no command."""

    def leaves(command: Any, name: str) -> set[str]:
        inner = getattr(command, "commands", {})
        own = {name} if name and (not inner or command.invoke_without_command) else set()
        return own.union(*(leaves(child, f"{name} {key}".strip()) for key, child in inner.items()))

    assert set(COMMANDS) == leaves(typer.main.get_command(app), "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_is_there(name: str) -> None:
    section = page(app).partition(f"\n## harcli {name}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(.*?)` \|", section, re.MULTILINE)
    listed = {option for row in rows for option in re.findall(r"(?<!\S)--?\w[\w-]*", row)}
    parameters = [p for p in leaf(name).params if p.name != "help" and not getattr(p, "hidden", False)]
    options = {o for p in parameters if p.param_type_name == "option" for o in (*p.opts, *p.secondary_opts)}
    assert listed == options
    assert len(rows) == len(parameters)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_can_be_typed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    command = COMMANDS[name]
    assert command.paragraphs, f"harcli {name} has no help text"
    assert command.example, f"the help of harcli {name} has no line `Example: harcli {name} ...`"
    words = typed(command.example)
    assert words[: len(name.split())] == name.split()
    leaf(name).make_context(name, words[len(name.split()) :])


def readme_lines() -> list[str]:
    """Lines of code blocks in README.md that call harcli."""
    blocks = re.findall(r"^```\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "harcli " in line]


@pytest.mark.parametrize("line", readme_lines())
def test_what_the_readme_says_can_be_typed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = typed(line)
    name = max((name for name in COMMANDS if words[: len(name.split())] == name.split()), key=len)
    leaf(name).make_context(name, words[len(name.split()) :])


def typed(line: str) -> list[str]:
    """The words after `harcli`, up to the next program of a pipe."""
    words = shlex.split(line, comments=True)
    words = words[words.index("harcli") + 1 :]
    return words[: next((i for i, word in enumerate(words) if word in ("|", "&&", ">")), len(words))]


def test_what_a_section_says() -> None:
    small = typer.Typer()

    @small.command("sum-up")
    def sum_up(
        photos: Annotated[list[Path], typer.Argument(help="What | where.")],
        out: Annotated[Path, typer.Option("--out", "-o", help="Result.", envvar="OUT")],
        share: Annotated[float, typer.Option(min=0, max=1, help="How much.")] = 0.5,
        sizes: Annotated[list[int] | None, typer.Option(min=2, help="Sizes.", show_default="all")] = None,
        fast: Annotated[bool, typer.Option(help="Hurry.")] = True,
        quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing.")] = False,
    ) -> None:
        """Do it. In
        detail.

        Example: harcli sum-up a.jpg
        --out b
        """

    small.callback()(lambda: None)  # one command alone would be no command of its own
    (command,) = commands(small)
    assert command.paragraphs == ["Do it. In detail."]
    assert command.example == "harcli sum-up a.jpg --out b"
    section = page(small).partition("## harcli sum-up\n\n")[2]
    assert "```\nharcli sum-up [OPTIONS] PHOTOS...\n```" in section
    assert section.splitlines()[-6:] == [
        "| `PHOTOS...` | What \\| where. | required |",
        "| `--out, -o PATH` | Result. Environment: `OUT`. | required |",
        "| `--share NUMBER` | How much. From 0 to 1. | `0.5` |",
        "| `--sizes N` | Sizes. At least 2. | all |",
        "| `--fast, --no-fast` | Hurry. | yes |",
        "| `--quiet` | Say nothing. |  |",
    ]
    assert "|---|---|\n| [`sum-up`](#harcli-sum-up) | Do it |\n\n## harcli sum-up\n" in page(small)
