"""How soon it begins: `python benchmarks/start.py PHOTO`.

Prints wall and processor time, the least of some runs: of `from harcli import Tagger`, which is to take less than .3 s;
and of `harcli tag PHOTO` until its first record stands on standard output, less than 2 s. Then the processor time of
opening each built-in model as it ships and as a file of ONNX Runtime's optimised graph, which could be kept.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import onnxruntime as ort
from script import cost
from watched import finish, told

from harcli.models_dir import installed

RUNS = 5


def first_record(photo: str) -> tuple[float, float]:
    """Seconds of wall until the first line, and of processor for the whole command."""
    command = [*(sys.executable, "-m", "harcli", "tag", photo, "--out", "-", "--format", "jsonl"), "--quiet"]
    command += ["--no-store", "--provider", "cpu"]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        wall = time.perf_counter() - begin
    return wall, cost(command).processor


def opening(file: Path, optimised: bool) -> float:
    """Seconds of processor for opening a model with one thread."""
    with tempfile.TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 4
        if optimised:
            kept = Path(folder) / "kept.onnx"
            options.optimized_model_filepath = str(kept)
            ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
            options, file = ort.SessionOptions(), kept
            options.intra_op_num_threads, options.log_severity_level = 1, 4
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        begin = time.process_time()
        ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        return time.process_time() - begin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photo")
    given = parser.parse_args()
    imports = [cost([sys.executable, "-c", "from harcli import Tagger"]) for _ in range(RUNS)]
    wall, processor = min(each.wall for each in imports), min(each.processor for each in imports)
    results = [told("from harcli import Tagger", f"{wall:.2f} s wall, {processor:.2f} s processor", wall < 0.3)]
    wall, processor = (min(times) for times in zip(*(first_record(given.photo) for _ in range(RUNS)), strict=True))
    results.append(told("first record", f"{wall:.2f} s wall, {processor:.2f} s processor", wall < 2))
    for name in installed():
        for file in sorted(installed()[name].parent.glob("*.onnx")):
            ships, kept = (min(opening(file, way) for _ in range(RUNS)) for way in (False, True))
            told(f"opening {name}/{file.name}", f"{ships:.3f} s as it ships, {kept:.3f} s if optimised before", True)
    finish(results)
