"""Several networks in few threads each, or one in all: `python benchmarks/lanes.py FOLDER`.

Tags the photos of a folder with the built-in models, in turns with one network at a time and with as many as
`harcli.runtime.threads.MOST_LANES` allows (change it there), each time in a process of its own. Prints the median of

    whole    photos a second, from files to findings, start-up not included
    compute  the same for detection and recognition alone, photos decoded before
    read     the same for reading and decoding alone
    share    of what the slower one of the two does alone, that the whole does
    ms       of processor time a photo, of the whole
    MB       at the height

It takes a quiet machine: on one that is busy, only the processor time means something.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from harcli.bench.memory import peak_memory
from harcli.photos.decode import decode
from harcli.runtime import flow, limit_threads, threads
from harcli.tagging.pending import bunches
from harcli.tagging.pipeline import Pipeline
from harcli.tagging.reader import Photo, read_ahead
from harcli.tagging.tagger import Tagger

NAMES = ("whole", "compute", "read", "share", "ms", "MB")
DECODED = 300e6  # bytes of photos that are decoded before computing alone


def rate(work: Callable[[], Iterable[object]]) -> float:
    """Results a second."""
    begin = time.perf_counter()
    count = sum(1 for _ in work())
    return count / (time.perf_counter() - begin)


def compute(pipeline: Pipeline, photos: list[Photo]) -> Iterable[object]:
    """Detection and recognition as in a run, of photos that are decoded."""
    stages = flow.Flow()
    detector, model = pipeline._lanes
    detected = stages.stage("detect", pipeline._batches(photos), pipeline._detect, threads=detector)
    people = bunches(detected, pipeline._model.batch_size)
    for bunch in stages.stage("recognise", people, pipeline._recognise, threads=model, ahead=8):
        yield from bunch.done
    stages.stop()


def read(pipeline: Pipeline, paths: list[Path]) -> Iterable[object]:
    """Reading as in a run."""
    ahead = pipeline.workers + 2
    for photo in read_ahead(map(Photo, paths), pipeline.read, pipeline.workers, ahead, pipeline._budget):
        if photo is not None:
            photo.pixels = None
            yield photo


def measure(paths: list[Path]) -> dict[str, float]:
    """What `NAMES` say, in this process."""
    pipeline = Tagger(provider="cpu")._pipeline
    list(pipeline.findings(paths[:8]))
    before = time.process_time()
    whole = rate(lambda: pipeline.findings(paths))
    spent, most = (time.process_time() - before) / len(paths), peak_memory()
    reading = rate(lambda: read(pipeline, paths))
    decoded = [(path, decode(path)) for path in paths[:4]]
    mean = sum(pixels.nbytes for _, pixels in decoded) / len(decoded)
    decoded += [(path, decode(path)) for path in paths[4 : max(4, int(DECODED / mean))]]
    again = itertools.islice(itertools.cycle(decoded), len(paths))
    computing = rate(lambda: compute(pipeline, [Photo(path, pixels) for path, pixels in again]))
    slower = min(computing, reading)
    return dict(zip(NAMES, (whole, computing, reading, whole / slower, spent * 1e3, most / 1e6), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("photos", type=Path, help="folder with .jpg files")
    parser.add_argument("--threads", type=int, help="of all together")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--lanes", type=int, help=argparse.SUPPRESS)  # the process of its own
    given = parser.parse_args()
    if given.lanes:
        limit_threads(given.threads)
        threads.MOST_LANES = given.lanes
        print(json.dumps(measure(sorted(given.photos.glob("*.jpg")))))
        return
    choices = (1, threads.MOST_LANES)
    found: dict[int, list[dict[str, float]]] = {lanes: [] for lanes in choices}
    for _, lanes in itertools.product(range(given.turns), choices):
        command = [sys.executable, *sys.argv, "--lanes", str(lanes)]
        found[lanes].append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    print(f"{'at most':12}" + "".join(f"{name:>10}" for name in NAMES))
    for lanes, turns in found.items():
        medians = (statistics.median(turn[name] for turn in turns) for name in NAMES)
        print(f"{f'{lanes} lanes':12}" + "".join(f"{value:10.2f}" for value in medians))


if __name__ == "__main__":
    main()
