"""Terminals that would obey names, streams that are closed, full or gone, locales that are not UTF-8."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.cli.streams import Stream

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has neither such names nor such streams: run this on Linux or macOS"
)

EVIL = "\x1b]0;owned\x07\x9b2J\x1b[8m"
"""Sets a terminal's title, clears its screen, hides what follows."""

HARCLI = [sys.executable, "-m", "harcli"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`p`, with a photo and a file that is none, both with names that a terminal would obey."""
    folder = tmp_path / "p"
    folder.mkdir()
    Image.new("RGB", (20, 40), (200, 30, 30)).save(folder / f"a{EVIL}.png")
    (folder / f"b{EVIL}.jpg").write_text("no photo")
    return folder


def tag(model: Path, *more: str) -> list[str]:
    return ["tag", "p", "--no-detect", "--model", str(model), *more]


COMMANDS = [
    ["tag", "p", "--no-detect", "--model", "MODEL", "--no-store", "--out", f"out{EVIL}.csv", "--xmp"],
    ["tag", "p", "--no-detect", "--model", "MODEL", "--out", "-", "--format", "csv"],
    ["tag", f"p/none{EVIL}", "--out", "a.csv"],
    ["tag", "p", "--out", f"gone{EVIL}/a.csv"],
    ["tag", "p", "--no-detect", "--model", f"none{EVIL}", "--out", "a.csv"],
    ["tag", "p", "--no-detect", "--model", "MODEL", "--out", "a.csv", "--without", f"sx{EVIL}"],
    ["find", "r.db", "hat or not hat"],
    ["find", "r.db", "hat or not hat", "--people"],
    ["find", "r.db", f"hat{EVIL}"],
    ["find", f"none{EVIL}.db", "hat"],
    ["export", "r.db", "--out", f"out{EVIL}.csv"],
    ["export", "r.db", "--out", "-", "--format", "csv"],
    ["report", "r.db", "--out", f"out{EVIL}.html"],
    ["show", f"p/a{EVIL}.png", "--from", "r.db", "--out", f"s{EVIL}.png"],
    ["show", f"p/b{EVIL}.jpg", "--from", "r.db", "--out", "s.png"],
    ["store", "show", "--store", f"s{EVIL}.db"],
    ["store", "clear", "--store", f"s{EVIL}.db"],
    ["models", "show", f"none{EVIL}"],
    ["untag", f"none{EVIL}"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_no_command_lets_a_name_reach_the_terminal(
    folder: Path, tmp_path: Path, tiny_model: Path, shown_by: Callable[[int], bytes], command: list[str]
) -> None:
    import pty

    quiet = {"cwd": tmp_path, "check": True, "capture_output": True}
    made = subprocess.run([*HARCLI, *tag(tiny_model, "--out", "r.db", "--no-store")], **(quiet | {"check": False}))
    assert made.returncode == 3, made.stderr
    leader, follower = pty.openpty()
    arguments = [str(tiny_model) if word == "MODEL" else word for word in command]
    process = subprocess.Popen([*HARCLI, *arguments], stdout=follower, stderr=follower, cwd=tmp_path)
    os.close(follower)
    shown = shown_by(leader)
    process.wait(60)
    assert b"Traceback" not in shown
    assert b"owned" in shown or b"could not be read" in shown or command[0] in ("show", "tag"), shown
    for sequence in ("\x1b]", "\x07", "\x9b", "\x1b[8m"):
        assert sequence.encode() not in shown


def test_only_the_filter_writes_to_the_streams() -> None:
    """Whoever prints past `Stream`, by bytes or a console of one's own, prints names as they are."""
    rooms = Path(__file__).parents[2] / "harcli" / "cli"
    past = re.compile(r"(?<!Clean)Console\(|std(out|err)\.buffer|__std|os\.write\(")
    found = {
        file.name for file in rooms.glob("*.py") for line in file.read_text().splitlines() if past.search(line.strip())
    }
    # The classes themselves; pictures and the cursor, which are sequences that the terminal is to obey.
    assert found <= {"streams.py", "rich_console.py", "show_terminal.py", "ending.py"}


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_closed_streams_change_nothing(folder: Path, tmp_path: Path, tiny_model: Path, closed: tuple[int, ...]) -> None:
    """What is printed goes into no file that was opened in a stream's place."""
    command = [*HARCLI, *tag(tiny_model, "--out", "a.csv", "--out", "r.db", "--store", "s.db")]

    def close() -> None:
        for descriptor in closed:
            os.close(descriptor)

    done = subprocess.run(command, cwd=tmp_path, preexec_fn=close, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 3, done.stderr
    assert len((tmp_path / "a.csv").read_text(errors="surrogateescape").splitlines()) == 3
    for name in ("s.db", "r.db"):
        with sqlite3.connect(tmp_path / name) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tag", "p", "--no-detect", "--model", "MODEL", "--out", "-", "--format", "csv"], "standard output: writing"),
        (["find", "r.db", "hat or not hat"], "standard output: writing"),
        (["--version"], "standard output: writing"),
        (["--help"], "standard output: writing"),
        (["store", "show", "--store", "s.db"], "standard output: writing"),
        (["export", "r.db", "--out", "-", "--format", "jsonl"], "standard output: writing"),
        (["models", "--no-speed", "--json"], "standard output: writing"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
@pytest.mark.parametrize("state", ["closed", "full"])
def test_output_that_cannot_be_written_is_a_failure(
    folder: Path, tmp_path: Path, tiny_model: Path, arguments: list[str], said: str, state: str
) -> None:
    subprocess.run([*HARCLI, *tag(tiny_model, "--out", "r.db", "--no-store", "-q")], cwd=tmp_path, timeout=60)
    command = [*HARCLI, *(str(tiny_model) if word == "MODEL" else word for word in arguments)]
    full = os.open("/dev/full", os.O_WRONLY)
    how: dict[str, object] = {"preexec_fn": lambda: os.close(1)} if state == "closed" else {"stdout": full}
    environment = {**os.environ, "HARCLI_MODEL_DIR": str(tiny_model.parent)}
    done = subprocess.run(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, timeout=60, env=environment, **how)
    assert done.returncode == 1
    assert done.stderr.startswith(f"harcli: {said} failed (")
    assert done.stderr.count("\n") == 1


def test_a_list_from_a_closed_standard_input(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "a.csv").write_text("the old one\n")
    command = [*HARCLI, "tag", "-", "--no-detect", "--model", str(tiny_model), "--out", "a.csv"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, preexec_fn=lambda: os.close(0), timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.startswith("harcli: standard input: cannot be read")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "a.csv").read_text() == "the old one\n"


def test_the_reader_of_standard_error_has_gone(folder: Path, tmp_path: Path, tiny_model: Path) -> None:
    """`harcli tag ... 2>&1 >/dev/null | head -0`"""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*HARCLI, *tag(tiny_model, "--out", "a.csv", "--no-store")], cwd=tmp_path, stderr=writing, timeout=60
    )
    os.close(writing)
    assert done.returncode == 3
    assert (tmp_path / "a.csv").exists()


@pytest.mark.parametrize("ignored", [False, True], ids=["terminal closed", "nohup"])
def test_a_terminal_that_is_closed_ends_the_run_unless_it_is_to_go_on(
    tmp_path: Path, tiny_model: Path, ignored: bool
) -> None:
    (tmp_path / "a.csv").write_text("the old one\n")
    os.mkfifo(tmp_path / "list")
    command = [*HARCLI, "tag", "-", "--no-detect", "--model", str(tiny_model), "--out", "a.csv", "--no-store"]

    def hangup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)

    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, preexec_fn=hangup) as process:
        assert process.stdin is not None
        Image.new("RGB", (20, 40)).save(tmp_path / "a.png")
        time.sleep(3)  # it waits for its list
        process.send_signal(signal.SIGHUP)
        if ignored:
            process.stdin.write(b"a.png\n")
        process.stdin.close() if ignored else None
        assert process.wait(60) == (0 if ignored else 129)
    assert ((tmp_path / "a.csv").read_text() == "the old one\n") is not ignored
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize("name", ["東京.png", os.fsdecode(b"M\xfcller.png"), "Müller.png"], ids=["utf8", "latin1", "ü"])
def test_names_of_files_are_bytes_in_any_locale(tmp_path: Path, tiny_model: Path, name: str) -> None:
    """Results are those of a UTF-8 locale to the byte, and lead back to the file."""
    (tmp_path / "p").mkdir()
    Image.new("RGB", (20, 40), (200, 30, 30)).save(tmp_path / "p" / "x.png")
    (tmp_path / "p" / "x.png").rename(tmp_path / "p" / name)
    other = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    written = []
    for environment in ({"LC_ALL": "C.UTF-8"}, other):
        options = {"cwd": tmp_path, "env": clean | environment, "capture_output": True, "timeout": 60}
        outs = ["--out", "a.csv", "--out", "a.jsonl", "--out", "r.db", "--no-store"]
        done = subprocess.run([*HARCLI, *tag(tiny_model, *outs)], **options)
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        found = subprocess.run([*HARCLI, "find", "r.db", "hat or not hat"], **options)
        assert found.stdout == b"p/" + os.fsencode(name) + b"\n", found.stderr
        shown = subprocess.run([*HARCLI, "show", "p/" + name, "--from", "r.db", "--out", "s.png"], **options)
        assert shown.returncode == 0, shown.stderr
        written.append([(tmp_path / file).read_bytes() for file in ("a.csv", "a.jsonl")])
    assert written[0] == written[1]


def test_text_only_and_no_way_around(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as raw:
        stream = Stream(raw)
        with pytest.raises(TypeError):
            stream.write(b"\x1b[31m")  # type: ignore[arg-type]
        with pytest.raises(AttributeError):
            _ = stream.buffer


def test_decoders_do_not_talk(tmp_path: Path, tiny_model: Path) -> None:
    """libtiff writes to standard error what is wrong with a file, a line for each piece of it."""
    (tmp_path / "p").mkdir()
    whole = tmp_path / "p" / "a.tif"
    Image.effect_noise((60, 80), 90).save(whole, compression="tiff_adobe_deflate")
    data = bytearray(whole.read_bytes())
    data[8:20] = b"\xff" * 12
    whole.write_bytes(data)
    for command in (tag(tiny_model, "--no-store", "-q", "--out", "r.db"), ["show", "p/a.tif", "--from", "r.db"]):
        done = subprocess.run([*HARCLI, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert [line for line in done.stderr.splitlines() if not line.startswith("harcli: ")] == []
    raw = subprocess.run(
        [sys.executable, "-c", "from PIL import Image; Image.open('p/a.tif').load()"],
        **{"cwd": tmp_path, "capture_output": True, "timeout": 60},
    )
    assert b"ZIPDecode" in raw.stderr  # or the test shows nothing
