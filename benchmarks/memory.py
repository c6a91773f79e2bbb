"""Whether memory stays small and flat: `python benchmarks/memory.py FOLDER --photos 1000 10000`.

Tags so many links to the photos of a folder, without a store; `--made` instead of a folder: to photos of 12 megapixels
that are made. Prints the most memory of each run. What holds: less than 600 MB, and for the last number of photos
at most a tenth more than for the first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from script import cost
from watched import finish, told

from harcli.bench.made_photos import make_photos

MOST = 600e6  # bytes
GROWTH = 1.1


def linked(photos: list[Path], count: int, folder: Path) -> Path:
    """A folder with `count` links to the photos."""
    folder.mkdir()
    for number in range(count):
        photo = photos[number % len(photos)]
        (folder / f"{number}{photo.suffix}").symlink_to(photo.resolve())
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--made", action="store_true")
    parser.add_argument("--photos", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--threads", default="2")
    given = parser.parse_args()
    if (given.folder is None) != given.made:
        parser.error("a folder, or --made")
    with tempfile.TemporaryDirectory() as work:
        photos = make_photos(Path(work), "12") if given.made else sorted(given.folder.glob("*.jpg"))
        results, peaks = [], []
        for count in given.photos:
            folder = linked(photos, count, Path(work) / str(count))
            command = [sys.executable, "-m", "harcli", "tag", str(folder), "--no-store", "--provider", "cpu", "--quiet"]
            used = cost([*command, "--threads", given.threads, "--out", str(Path(work) / "o.csv")])
            peaks.append(used.memory)
            value = f"{used.memory / 1e6:.0f} MB, {used.processor:.0f} s of processor time"
            well = used.memory < MOST and used.memory <= GROWTH * peaks[0]
            results.append(told(f"{count} photos", value, well))
        finish(results)
