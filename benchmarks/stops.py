"""How soon a run ends that is told to: `python benchmarks/stops.py`.

SIGINT and SIGTERM come while the decoder is at work on a photo that would keep it for minutes, while a large file is
hashed, while a list is awaited and while the models are at work. Each run must be over in 2 s, with exit code 130 or
143, and leave no process and no result behind.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from pathlib import Path

from PIL import Image
from watched import finish, harcli, tiny_model, told

SOON = 2.0  # seconds
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def long_jpeg(path: Path, scans: int) -> None:
    """A JPEG of a megapixel with its last scan so many times: a millisecond or two each."""
    Image.new("L", (1000, 1000), 90).save(path, progressive=True)
    data = path.read_bytes()
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * scans + data[-2:])


def prepare(work: Path) -> dict[str, tuple[str, ...]]:
    """Photos in folders of `work`; the arguments of `tag` by what a run is then busy with."""
    for name in ("scans", "hash", "walk", "work"):
        (work / name).mkdir()
    for i in range(12):
        long_jpeg(work / "scans" / f"{i}.jpg", 60_000)
    with (work / "hash" / "film.jpg").open("wb") as stream:  # begins like a photo
        Image.new("RGB", (900, 900)).save(stream, "JPEG")
        stream.truncate(6 << 30)
    for i in range(200):
        folder = work / "walk" / str(i)
        folder.mkdir()
        for j in range(100):
            (folder / f"{j}.jpg").touch()
    for i in range(300):
        Image.effect_noise((900, 700), i + 1).save(work / "work" / f"{i}.jpg")
    tiny = ("--no-detect", "--model", str(tiny_model(work / "tiny.onnx")))
    return {
        "JPEGs of 60,000 scans": ("scans", *tiny, "--store", "s.db"),
        "hashing 6 GB": ("hash", *tiny, "--store", "s.db"),
        "20,000 empty files": ("walk", *tiny, "--store", "s.db"),
        "the built-in models": ("work", "--provider", "cpu", "--store", "s.db"),
        "the same without a store": ("work", "--provider", "cpu", "--no-store"),
    }


def check(name: str, arguments: tuple[str, ...], after: float, number: signal.Signals) -> bool:
    """One run that is stopped."""
    out = Path("o.csv")
    out.unlink(missing_ok=True)
    done = harcli("tag", *arguments, "--out", "o.csv", stop=number, after=after)
    if out.exists():
        return told(f"{name}, {number.name} after {after:g} s", "over before", True)
    well = done.seconds < SOON and done.code in (CODES[number], -number) and "Traceback" not in done.said
    return told(f"{name}, {number.name} after {after:g} s", f"{done.seconds:.2f} s, exit code {done.code}", well)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--after", type=float, nargs="+", default=[0.5, 2, 4, 8], help="seconds")
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` hands down that it is ignored
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        jobs = prepare(Path(work))
        results = [
            check(name, arguments, after, number)
            for name, arguments in jobs.items()
            for after in given.after
            for number in CODES
        ]
        os.chdir("/")
        finish(results)
