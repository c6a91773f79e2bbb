"""Whether memory stays flat on a long video: `python benchmarks/hour.py PHOTO --minutes 20 60 90`.

Makes videos of these lengths, a camera that pans over the photo, and tags each at one frame a second, without a
store, each frame as one person and with a model that costs nothing: the networks take the same for every frame.
Prints the most memory of harcli and the process that decodes, together. What holds: at most a tenth more for the last
length than for the first, which is long enough that nothing is still being loaded.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image
from watched import finish, harcli, tiny_model, told

SIZE = (480, 640)
RATE = 2
GROWTH = 1.1


def film(photo: Path, path: Path, minutes: float) -> Path:
    """A video of so many minutes; the camera goes to and fro in half a minute."""
    width, height = SIZE
    with Image.open(photo) as image:
        rgb = np.asarray(image.convert("RGB").resize((width + 128, round((width + 128) * image.height / image.width))))
    top = max(0, (len(rgb) - height) // 2)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(minutes * 60 * RATE)):
            left = round(64 - 64 * math.cos(number / RATE / 30 * 2 * math.pi))
            pixels = np.ascontiguousarray(rgb[top : top + height, left : left + width])
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photo", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[20, 60, 90])
    given = parser.parse_args()
    results, peaks = [], []
    with tempfile.TemporaryDirectory() as work:
        fast = ("--no-detect", "--model", tiny_model(Path(work) / "tiny.onnx"))
        for minutes in given.minutes:
            path = film(given.photo, Path(work) / "film.mp4", minutes)
            out = Path(work) / "people.csv"
            command = ("tag", path, "--no-store", "--provider", "cpu", "--quiet", *fast, "--threads", "2", "--out", out)
            ended = harcli(*command)
            people = len(out.read_text().splitlines()) - 1 if ended.code == 0 else 0
            peaks.append(ended.peak)
            value = f"{ended.peak / 1e6:.0f} MB, {people} records, {ended.seconds:.0f} s"
            results.append(told(f"{minutes:g} minutes", value, people > 0 and ended.peak <= GROWTH * peaks[0]))
    finish(results)
