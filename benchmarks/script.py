"""`harcli tag` beside the script that a user would write, `user_script.py`: start-up included, in turns.

`python benchmarks/script.py FOLDER --yolo yolo26n.pt [--checkpoint best.safetensors]` prints, for both, the median of
wall time, processor time and most memory over the runs, and the ratios (median of those of each turn, so that a busy
machine strikes both alike). What holds: at most a third of the wall and half of the processor time.

Without a checkpoint the script computes the built-in model's network with random weights, which takes the same time:
EfficientNet-Lite2 with all blocks of Da-HAR, once for each crop (the built-in model also looks at the mirror image).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("user_script.py")
ATTRIBUTES = 58
NAMES = ("wall", "processor", "memory")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a process and those that it started: seconds, seconds of processors, bytes."""

    wall: float
    processor: float
    memory: float


def cost(command: list[str]) -> Cost:
    """Run a command to its end."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        if status:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode('utf-8', 'replace')}")
    return Cost(time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def random_checkpoint(path: Path) -> None:
    """The built-in model's network, with weights that nobody trained. In a process of its own: a child's memory is
    counted from before it became another program."""
    code = (
        "import sys; from pathlib import Path; from harcli.network import DaHar, DaHarConfig, checkpoint; "
        f"network = DaHar(DaHarConfig({ATTRIBUTES}, backbone='efficientnet-lite2', width=96)); "
        "checkpoint.save(Path(sys.argv[1]), network.eval(), {'train': {'size': [256, 128]}})"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("photos", type=Path, help="folder with .jpg files")
    parser.add_argument("--yolo", required=True, help="Ultralytics' detector, yolo26n.pt")
    parser.add_argument("--checkpoint", type=Path, help="of harcli train")
    parser.add_argument("--threads", type=int, help="of both; without: their own choice")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    threads = ["--threads", str(options.threads)] if options.threads else []
    with tempfile.TemporaryDirectory() as folder:
        out, network = str(Path(folder, "out.csv")), options.checkpoint or Path(folder, "random.safetensors")
        if options.checkpoint is None:
            random_checkpoint(network)
        photos, python = str(options.photos), sys.executable
        commands = {
            "script": [
                python,
                str(SCRIPT),
                photos,
                out,
                "--yolo",
                options.yolo,
                "--checkpoint",
                str(network),
                *threads,
            ],
            "harcli": [python, "-m", "harcli", "tag", photos, "--out", out, "--no-store", "--quiet", *threads],
        }
        turns = [{name: cost(command) for name, command in commands.items()} for _ in range(options.turns)]
    for name in commands:
        wall, processor, memory = (statistics.median(getattr(turn[name], each) for turn in turns) for each in NAMES)
        print(f"{name:8}{wall:8.2f} s wall{processor:9.2f} s processor{memory / 1e6:8.0f} MB")
    ratios = (
        statistics.median(getattr(t["harcli"], each) / getattr(t["script"], each) for t in turns) for each in NAMES
    )
    print("ratio   {:8.2f}       {:9.2f}            {:8.2f}".format(*ratios))


if __name__ == "__main__":
    main()
