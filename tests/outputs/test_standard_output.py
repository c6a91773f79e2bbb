"""Standard output holds data alone, at once, and its end is no error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WRITER = """
import os, sys
from pathlib import Path
from harcli.outputs import OutputOptions, open_output
from harcli.results import Record, RunInfo

print("before")
with open_output(Path("-"), RunInfo((), "/"), OutputOptions("FORM")) as sink:
    print("a library says something")
    os.write(1, b"and so does its C part\\n")
    sink.write(Record(os.fsdecode(b"\\xff.jpg"), 1, 1))
    sys.stdin.readline()
    for _ in range(100_000):
        sink.write(Record("b.jpg", 1, 1))
print("after")
"""


def start(form: str) -> subprocess.Popen[bytes]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", WRITER.replace("FORM", form)], **pipes)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    ("form", "line"), [("jsonl", b'{"path": "\\udcff.jpg", "width": 1'), ("csv", b"\xff.jpg,1,1,")]
)
def test_each_line_comes_at_once_and_nothing_else(form: str, line: bytes) -> None:
    process = start(form)
    assert process.stdout
    assert process.stdin
    assert process.stdout.readline().rstrip() == b"before"
    if form == "csv":
        assert process.stdout.readline().startswith(b"path,width")
    assert process.stdout.readline().startswith(line), "while the writer waits"
    out, err = process.communicate(b"\n", timeout=60)
    *records, last = out.splitlines()
    assert (len(records), last) == (100_000, b"after")
    # The C part comes first where Python buffers, as it does unless PYTHONUNBUFFERED is set.
    assert sorted(err.splitlines()) == [b"a library says something", b"and so does its C part"]


def test_json_is_whole() -> None:
    out, _ = start("json").communicate(b"\n", timeout=60)
    content = out.decode().removeprefix("before").strip().removesuffix("after")
    assert len(json.loads(content)["records"]) == 100_001


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes: run this on Linux or macOS")
def test_a_reader_that_goes_away_is_an_exception_of_its_own() -> None:
    process = start("jsonl")
    assert process.stdout
    assert process.stdin
    for _ in range(2):
        process.stdout.readline()
    process.stdout.close()
    process.stdin.write(b"\n")
    process.stdin.close()
    assert process.stderr
    assert b"harcli.errors.ReaderGone" in process.stderr.read()
    process.wait(60)


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full: run this on Linux"
)
def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        code = WRITER.replace("FORM", "csv").replace('print("before")', "")
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, input=b"\n", check=False
        )
    assert b"HarcliError: standard output: writing failed (No space left on device)" in done.stderr
