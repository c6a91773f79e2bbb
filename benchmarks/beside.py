"""How many times as fast one attribute model is as another, in one run: they take turns, so that a machine that is busy
for a moment strikes both alike.

    python benchmarks/beside.py models/da-har-lite2/model.int8.onnx models/da-har-fast/model.int8.onnx

For each batch: milliseconds a person of each file, least and median of the turns, and how many times the first file's
time is the second's, by either. Processor time on one thread; wall time with `--threads` of more.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from harcli.recognition.model import AttributeModel
from harcli.runtime import limit_threads


def turns(models: list[AttributeModel], batch: int, rounds: int, clock: Callable[[], float]) -> list[list[float]]:
    """Milliseconds a person of each model, in each round; the first round does not count."""
    rng = np.random.default_rng(0)
    people = []
    for model in models:
        seen = model.metadata.input
        people.append([rng.integers(0, 256, (seen.height, seen.width, 3), dtype=np.uint8) for _ in range(batch)])
    took: list[list[float]] = [[] for _ in models]
    for number in range(rounds + 1):
        for model, crops, mine in zip(models, people, took, strict=True):
            start = clock()
            model.probabilities(crops)
            if number:
                mine.append((clock() - start) * 1000 / batch)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs=2, type=Path)
    parser.add_argument("--batches", default="1,2,8,32")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    clock = time.process_time if options.threads == 1 else time.perf_counter
    limit_threads(options.threads)
    for batch in map(int, options.batches.split(",")):
        models = [AttributeModel.load(path, "cpu", batch) for path in options.models]
        took = turns(models, batch, options.rounds, clock)
        least, middle = ([of(each) for each in took] for of in (min, statistics.median))
        told = (f"{a:6.2f} ({b:.2f})" for a, b in zip(least, middle, strict=True))
        print(f"batch {batch:2d}  {'  '.join(told)}  {least[0] / least[1]:.2f} ({middle[0] / middle[1]:.2f}) times")


if __name__ == "__main__":
    main()
