"""Memory of a run on photos that were made to take much of it: `python benchmarks/bombs.py [--whole] [DIR]`.

198 megapixels in a few kilobytes, in every mode that decodes to more than it looks, in one folder, and
what is in DIR beside them. All processes of the run together must stay under 2.5 GB, and each photo has its record.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
from collections import Counter
from pathlib import Path

from PIL import Image
from watched import finish, harcli, tiny_model, told

MOST = 2.5e9  # bytes
SIZE = (14_070, 14_070)  # 198 megapixels
STRIP = {278: 512}  # rows

_TIFF = {"compression": "tiff_adobe_deflate", "tiffinfo": STRIP}
KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "cmyk.tif": ("CMYK", _TIFF),
    "one-strip.tif": ("F", {"compression": "tiff_adobe_deflate", "tiffinfo": {278: SIZE[1]}}),
    "rgba.png": ("RGBA", {"compress_level": 1}),
    "grey16.png": ("I;16", {"compress_level": 1}),
    "palette.gif": ("P", {}),
    "progressive.jpg": ("RGB", {"progressive": True, "subsampling": 0}),
}


def make(folder: Path) -> None:
    """One of each kind."""
    for name, (mode, options) in KINDS.items():
        Image.new(mode, SIZE).save(folder / name, **options)  # type: ignore[arg-type]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("more", metavar="DIR", type=Path, nargs="*")
    parser.add_argument("--whole", action="store_true", help="with the built-in models, not one that costs nothing")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        Path("b").mkdir()
        if (child := os.fork()) == 0:  # so that what is needed to make them goes with it
            make(Path("b"))
            os._exit(0)
        os.waitpid(child, 0)
        places = ["b", *(str(folder) for folder in given.more)]
        models = () if given.whole else ("--no-detect", "--model", tiny_model(Path("tiny.onnx")))
        done = harcli("tag", *places, *models, "--no-store", "--out", "o.csv")
        with Path("o.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            told(f"  {row['path']}", row["error"] or f"read, {row['width']} x {row['height']}", True)
        once = all(count == 1 for count in Counter(row["path"] for row in rows).values()) and len(rows) >= len(KINDS)
        os.chdir("/")
        finish(
            [
                told("each photo once", str(once), once),
                told("exit code", f"{done.code}, in {done.seconds:.0f} s", done.code in (0, 3)),
                told("memory at its height", f"{done.peak / 1e9:.2f} GB", done.peak < MOST),
            ]
        )
