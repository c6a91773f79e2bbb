"""How fast photos that the store knows are answered: `python benchmarks/known.py --photos 20000`.

As many files of a kilobyte are made, and a store is filled with what the built-in models could have found in them: a
person in each, every third with two more. Then `harcli tag` writes a CSV of them, several times.
Prints seconds of wall and of processor time, start-up included. What holds: 20,000 photos in less than 5 s.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from script import cost
from watched import finish, told

from harcli.folders import SETTLED
from harcli.tagging.finding import Finding, Person
from harcli.tagging.settings import Settings
from harcli.tagging.store import Store
from harcli.tagging.tagger import Tagger

SIZE = (64, 48)
IN_A_FOLDER = 1000
MOST = 5.0  # seconds


def make(folder: Path, count: int) -> list[Path]:
    """So many files whose content differs, in folders of a thousand."""
    stream = io.BytesIO()
    Image.effect_noise(SIZE, 30).save(stream, "JPEG")
    paths = [folder / str(i // IN_A_FOLDER) / f"{i}.jpg" for i in range(count)]
    for i, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stream.getvalue() + i.to_bytes(4, "little"))
    time.sleep(SETTLED + 1)  # until then the store would not take the file system's word
    return paths


def fill(path: Path, photos: list[Path]) -> None:
    """Keep findings of all photos, as a run with the built-in models would."""
    rng = np.random.default_rng(1)
    tagger = Tagger(provider="cpu")
    settings = Settings.of(tagger.model, tagger.detector)
    with Store(path, settings) as store:
        for start in range(0, len(photos), IN_A_FOLDER):
            found = []
            for i in range(start, min(start + IN_A_FOLDER, len(photos))):
                rows = rng.random((1 if i % 3 else 3, settings.attributes or 0), np.float32) ** 3  # most are low
                people = tuple(Person((1.0, 2.0, 20.5 + k, 40.0), 0.75, row) for k, row in enumerate(rows))
                found.append((store.identify(photos[i]), Finding(SIZE, people)))
            store.keep(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        fill(Path("s.db"), make(Path("photos"), given.photos))
        command = [*(sys.executable, "-m", "harcli", "tag", "photos", "--out", "o.csv"), "--store", "s.db"]
        told_of = []
        for _ in range(given.turns):
            used = cost([*command, "--provider", "cpu", "--quiet"])
            value = f"{used.wall:.2f} s wall, {used.processor:.2f} s processor, {used.memory / 1e6:.0f} MB"
            told_of.append(told(f"{given.photos} known photos", value, used.wall < MOST))
        os.chdir("/")
        finish(told_of)
