"""`harcli show` as a process: the copy, the table, and pictures in terminals of several kinds."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harcli.cli.show import _print_people
from harcli.recognition.metadata import AttributeSpec
from harcli.results import Record, RunInfo
from harcli.results.database import DatabaseSink

BOX = (60.0, 40.0, 260.0, 460.0)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A grey photo, with what is known of it in attrs.db beside it."""
    path = tmp_path / "photo.png"
    Image.new("RGB", (800, 600), (128, 128, 128)).save(path)
    values = {"hat": 0.91, "jeans": 0.97, "bag": 0.02}
    info = RunInfo(tuple(AttributeSpec(name, "group", 0.5) for name in values), str(tmp_path), "1.0")
    with DatabaseSink(tmp_path / "attrs.db", info) as sink:
        sink.write(Record("other/photo.png", 800, 600))
        for number, left in ((1, 0.0), (2, 300.0)):
            box = (BOX[0] + left, BOX[1], BOX[2] + left, BOX[3])
            sink.write(Record("photo.png", 800, 600, number, box, 0.88, ("hat", "jeans"), values))
        sink.write(Record("empty.png", 800, 600))
        sink.write(Record("bad.png", error="the file is empty"))
    return path


def test_a_copy_of_a_real_photo(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    before = (photos / "bus.jpg").read_bytes()
    done = harcli("show", photos / "bus.jpg", "--out", "shown.jpg", "--without", "sex,age")
    assert (done.returncode, done.stderr) == (0, "")
    people = sum(line.count("■") for line in done.stdout.splitlines())
    assert 3 <= people <= 6
    assert "male" not in done.stdout
    with Image.open(tmp_path / "shown.jpg") as shown, Image.open(photos / "bus.jpg") as original:
        assert shown.size == original.size
        assert not shown.getexif()
        changed = np.abs(np.asarray(shown).astype(int) - np.asarray(original)).max(axis=2) > 60
    assert 0.02 < changed.mean() < 0.4, "boxes and labels, and the photo between them"
    assert (photos / "bus.jpg").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["photos", "shown.jpg"]


def test_thresholds_are_those_of_harcli_tag(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    """`--sure`, `--more`, `--threshold` and `--min-height`, on the command line and in settings; not with --from."""

    def tags(*words: str) -> int:
        done = harcli("show", photos / "bus.jpg", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.count(", ")

    usual = tags()
    assert tags("--sure") < usual < tags("--more")
    assert tags("--threshold", "0.999") < tags("--sure")
    assert tags("--min-height", "5000") == 0
    (tmp_path / "harcli.toml").write_text("sure = true\n")
    assert tags() == tags("--sure") < usual
    done = harcli("show", photos / "bus.jpg", "--from", "attrs.db", "--more")
    assert (done.returncode, "--from" in done.stderr) == (2, True)
    done = harcli("show", photos / "bus.jpg", "--sure", "--more")
    assert (done.returncode, "--sure" in done.stderr) == (2, True)


def test_commonplace_tags_come_last(capsys: pytest.CaptureFixture[str]) -> None:
    values = {"solid": 0.99, "hat": 0.7, "upper-red": 0.8, "bag": 0.1}
    _print_people([Record("a.jpg", 9, 9, 1, BOX, 0.9, ("solid", "hat", "upper-red"), values)])
    assert "upper-red 0.80, hat 0.70, solid 0.99" in capsys.readouterr().out


def test_from_results(harcli: Callable, photo: Path, tmp_path: Path) -> None:
    done = harcli("show", "./photo.png", "--from", "attrs.db", "--out", "shown.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("■") == 2
    assert "jeans 0.97, hat 0.91" in done.stdout
    drawn = np.asarray(Image.open(tmp_path / "shown.png"))
    assert (drawn[200, 55:66] != 128).any(), "the left edge of the first box"
    assert (drawn[200, 555:566] != 128).any(), "the right edge of the second"
    Image.new("RGB", (800, 600)).save(tmp_path / "empty.png")
    done = harcli("show", tmp_path / "empty.png", "--from", "attrs.db", "--out", "shown.png")
    assert (done.returncode, done.stdout) == (0, "no person was found\n")


def test_the_table_alone_goes_through_a_pipe(harcli: Callable, photo: Path) -> None:
    done = harcli("show", "photo.png", "--from", "attrs.db", stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("jeans 0.97, hat 0.91") == 2
    assert "▀" not in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["gone.jpg", "--out", "a.jpg"], 2, "gone.jpg"),
        (["photo.png", "--out", "a.gif"], 2, ".jpg"),
        (["photo.png", "--out", "photo.png"], 2, "the photo itself"),
        (["photo.png", "--out", "link.png"], 2, "the photo itself"),
        (["link.png", "--out", "photo.png"], 2, "the photo itself"),
        (["photo.png", "--out", "a.png", "--from", "attrs.db", "--no-detect"], 2, "--from"),
        (["photo.png", "--out", "a.png", "--from", "attrs.db", "--without", "hta"], 2, "did you mean hat?"),
        (["photo.png", "--out", "gone/a.png", "--from", "attrs.db"], 1, "gone/a.png"),
        (["photo.png", "--out", "a.png", "--from", "photo.png"], 1, "not an SQLite file"),
        (["attrs.db", "--out", "a.png", "--from", "attrs.db"], 1, "not a photo"),
        (["copy.png", "--out", "a.png", "--from", "attrs.db"], 1, "is not in attrs.db"),
        (["bad.png", "--out", "a.png", "--from", "attrs.db"], 1, "is not as it was"),
        (["empty.png", "--out", "a.png", "--from", "attrs.db"], 1, "is not as it was"),
    ],
)
def test_mistakes(harcli: Callable, photo: Path, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    (tmp_path / "link.png").symlink_to(photo)
    for name in ("copy.png", "bad.png", "empty.png"):
        Image.new("RGB", (400, 300)).save(tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = harcli("show", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert code == 2 or len(done.stderr.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names: run this on Linux or macOS")
def test_odd_names(harcli: Callable, tmp_path: Path) -> None:
    for raw in (b"\xff\xfe.png", b"line\nbreak[bold].png"):
        try:
            Image.new("RGB", (40, 30)).save(tmp_path / os.fsdecode(raw))
        except OSError:
            continue  # a file system that wants UTF-8
        done = harcli("show", raw, "--out", b"shown-" + raw)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / os.fsdecode(b"shown-" + raw)).exists()


def in_terminal(
    read: Callable[[int], bytes], arguments: list[str], cwd: Path, answers: bytes, **options: object
) -> tuple[int, bytes]:
    """Exit code, and all that a terminal of 100 columns, 40 lines and 10 x 20 pixels a character was sent.

    Args:
        read: the fixture `shown_by`.
        answers: what it says when it is asked what it can do.
        options: of `subprocess.Popen`; standard input and output are the terminal else.
    """
    import fcntl
    import pty
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 1000, 800))
    os.write(leader, answers)

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(follower, termios.TIOCSCTTY, 0)

    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    for name in ("NO_COLOR", "LINES", "COLUMNS"):  # pytest's processes have a size of their own
        environment.pop(name, None)
    streams = {"stdin": follower, "stdout": follower, "stderr": follower, "env": environment} | options
    command = [sys.executable, "-m", "harcli", "show", *arguments]
    process = subprocess.Popen(command, cwd=cwd, preexec_fn=take_terminal, **streams)  # type: ignore[call-overload]
    os.close(follower)
    shown = read(leader)
    return process.wait(timeout=60), shown


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals: run this on Linux or macOS")
@pytest.mark.parametrize(
    ("answers", "sign"),
    [
        pytest.param(b"", "▀".encode(), id="half blocks"),
        pytest.param(b"\x1b[?62;4c", b"\x1bP", id="sixel"),
        pytest.param(b"\x1b[?62c\x1b_Gi=1;OK\x1b\\", b"\x1b_G", id="kitty"),
    ],
)
@pytest.mark.parametrize("stdin", [None, subprocess.DEVNULL], ids=["", "stdin elsewhere"])
def test_a_picture_in_the_terminal(
    shown_by: Callable[[int], bytes], photo: Path, answers: bytes, sign: bytes, stdin: int | None
) -> None:
    pytest.importorskip("textual_image", reason="pictures in the terminal need pip install '.[show]'")
    options = {} if stdin is None else {"stdin": stdin}
    code, shown = in_terminal(shown_by, ["photo.png", "--from", "attrs.db"], photo.parent, answers, **options)
    assert code == 0, shown[-2000:]
    assert sign in shown
    assert shown.index(sign) < shown.index(b"jeans 0.97")
    assert b"Traceback" not in shown
    assert b"arning" not in shown
    if not answers:
        lines = [line for line in shown.split(b"\n") if line.count("▀".encode()) > 20]
        assert 30 <= len(lines) <= 37, "as high as the terminal, but for a few lines"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals: run this on Linux or macOS")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"NO_COLOR": "1"}, b"this terminal cannot show pictures; use --out FILE"),
        ({"PYTHONPATH": "{hidden}"}, b"harcli[show]"),
    ],
    ids=["no colours", "no extra"],
)
def test_terminals_that_cannot(
    shown_by: Callable[[int], bytes], photo: Path, tmp_path: Path, change: dict[str, str], said: bytes
) -> None:
    pytest.importorskip("textual_image", reason="pictures in the terminal need pip install '.[show]'")
    hidden = tmp_path / "hidden"
    (hidden / "textual_image").mkdir(parents=True)
    (hidden / "textual_image" / "__init__.py").write_text("raise ModuleNotFoundError(name='textual_image')")
    paths = os.pathsep.join([str(hidden), os.environ.get("PYTHONPATH", "")])
    change = {key: value.replace("{hidden}", paths) for key, value in change.items()}
    environment = os.environ | {"TERM": "xterm-256color"} | change
    code, shown = in_terminal(shown_by, ["photo.png", "--from", "attrs.db"], photo.parent, b"", env=environment)
    assert code == 0
    assert said in shown
    assert b"--out" in shown
    assert b"jeans 0.97" in shown, "the table follows all the same"
    assert b"Traceback" not in shown


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_only_its_own_pictures_are_written_over(harcli: Callable, photo: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"holiday.{ending}"
    Image.new("RGB", (8, 8)).save(out)
    before = out.read_bytes()
    done = harcli("show", photo, "--from", "attrs.db", "--out", out)
    assert (done.returncode, out.read_bytes()) == (2, before)
    assert "no picture of harcli show" in done.stderr
    out.unlink()
    for less in ((), ("--without", "hat")):
        done = harcli("show", photo, "--from", "attrs.db", "--out", out, *less)
        assert done.returncode == 0, done.stderr
        assert ("hat" in done.stdout) == (not less)
