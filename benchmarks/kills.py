"""A run that is killed again and again ends as one that was left alone: `python benchmarks/kills.py --kills 50`.

Drawn photos are tagged with a store, keywords in sidecars, a CSV and a .db file. SIGKILL comes at a random moment of a
run, five times one after another; then the command is left to its end. Both files and all sidecars must be what an
uninterrupted run without a store gives, and no result may be there before: results appear whole or not at all.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from watched import Ended, finish, harcli, tiny_model, told

from harcli.results.database import Results

IN_A_ROW = 5


def drawn(folder: Path, count: int) -> None:
    """Small photos, some of them equal, one damaged, in folders of twenty."""
    rng = np.random.default_rng(2)
    for i in range(count):
        path = folder / f"{i // 20}" / f"{i}.{('jpg', 'png', 'webp')[i % 3]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((160, 120)).save(path)
        if i % 20 == 7:
            shutil.copy(path, path.with_name(f"{i} again{path.suffix}"))
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")


def state(work: Path) -> dict[str, object]:
    """What a run leaves: the CSV, the records of the .db file, all sidecars by name."""
    left: dict[str, object] = {str(path.relative_to(work)): path.read_bytes() for path in work.rglob("*.xmp")}
    if (work / "o.csv").exists():
        left["o.csv"] = (work / "o.csv").read_bytes()
    if (work / "o.db").exists():
        with Results(work / "o.db") as results:
            left["o.db"] = list(results.records())
    return left


def tag(*more: str, **options: object) -> Ended:
    """The run, in the current folder."""
    outs = ("--out", "o.csv", "--out", "o.db", "--xmp", "--threshold", "0.01", "--batch-size", "4")
    return harcli("tag", "p", "--no-detect", "--model", "../tiny.onnx", *outs, *more, **options)  # type: ignore[arg-type]


def chain(work: Path, whole: dict[str, object], seconds: float, kills: int, rng: random.Random) -> tuple[int, bool]:
    """Kill so many runs, let the next one end. Gives how many were killed, and whether all is equal."""
    killed, well = 0, True
    while killed < kills:
        done = tag("--store", "s.db", stop=signal.SIGKILL, after=rng.uniform(0, seconds))
        if done.code != -signal.SIGKILL:  # it was faster
            break
        killed += 1
        well &= all(whole[name] == what for name, what in state(work).items())
    done = tag("--store", "s.db")
    return killed, well and done.code == 3 and state(work) == whole


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        tiny_model(Path(folder) / "tiny.onnx")
        source, work = Path(folder) / "source", Path(folder) / "work"
        drawn(source, given.photos)

        def afresh() -> None:
            os.chdir(folder)
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(source, work / "p")
            os.chdir(work)

        afresh()
        first = tag("--no-store")
        whole = state(work)
        told("uninterrupted", f"{first.seconds:.1f} s, exit code {first.code}, {len(whole)} files", True)
        killed, equal, runs = 0, 0, 0
        while killed < given.kills:
            afresh()
            more, well = chain(work, whole, first.seconds, min(IN_A_ROW, given.kills - killed), rng)
            killed, equal, runs = killed + more, equal + well, runs + 1
        os.chdir("/")
        finish([told("kills", f"{killed}; outputs after them equal {equal} of {runs} times", equal == runs)])
