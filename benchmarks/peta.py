"""The rows of the paper's Tables 2 and 3 on PETA: train each, score each, print one table.

    python benchmarks/peta.py --data data --backbone resnet50.safetensors --masks masks --out runs/peta

Rows that are done are kept, a row that was stopped goes on. `--options` replaces the budget, which is the same for all
rows; the default is what two CPU cores manage. With a GPU, for example:

    --options "--size 256x128 --epochs 30 --seed 1"
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

BUDGET = "--size 128x64 --small-size 64x32 --small-share 0.6 --iterations 600 --ema 0.99"
ONLY = {
    "self-mask": "--no-fusion --no-masked-attention",
    "fusion": "--no-self-mask --no-masked-attention",
    "masked-attention": "--no-self-mask --no-fusion",
}
ROWS = {
    "baseline": "--no-self-mask --no-fusion --no-masked-attention",
    **ONLY,
    "all": "",
    "all-unsupervised": "--mask-weight 0",
    "weighted": "--loss weighted",
    "mixed": "--loss mixed",
    "focal": "--loss focal",
    "identity": "--split identity",
    "identity-baseline": "--split identity --no-self-mask --no-fusion --no-masked-attention",
    "paper-recipe": "--recipe paper --ema 0",
}


def main() -> None:
    """Train and score the rows that are asked for, then print the table of all that are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds peta/")
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of a ResNet-50 (.safetensors)")
    parser.add_argument("--masks", type=Path, required=True, help="folder of `harcli masks --dataset peta`")
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--rows", default=",".join(ROWS), help="which rows, in this order")
    parser.add_argument("--options", default=BUDGET, help="options of `harcli train` that set the budget")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    data = ("--dataset", "peta", "--root", options.data, "--split", "0", "--train-part", "trainval")
    start = ("--backbone-weights", options.backbone, "--masks", options.masks)
    for name in options.rows.split(","):
        train(options.out / name, *data, *start, *shlex.split(options.options), *shlex.split(ROWS[name]))
        score(name, options)
    print(table(options.out))


def harcli(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "harcli", *map(str, words)], check=True)


def train(run: Path, *words: object) -> None:
    """Train a row, or go on with it; nothing if it is finished."""
    finished = (run / "best.safetensors").exists() and not (run / "resume.safetensors").exists()
    if (run / "config.json").exists() and not finished:
        harcli("train", "--resume", run)
    elif not finished:
        harcli("train", *words, "--out", run)


def score(name: str, options: argparse.Namespace) -> None:
    """Score a row on the test part of its split, once."""
    scores = options.out / f"{name}.json"
    if not scores.exists():
        split = "identity" if name.startswith("identity") else "0"
        weights = options.out / name / "last.safetensors"
        data = ("--dataset", "peta", "--root", options.data, "--split", split)
        harcli("evaluate", weights, *data, "--precision", "auto", "--out", scores)


def table(out: Path) -> str:
    """All rows that have scores, as Markdown."""
    lines = ["| row | mA | Acc | Prec | Rec | F1 | mAP |", "|---|---|---|---|---|---|---|"]
    for name in ROWS:
        if (out / f"{name}.json").exists():
            means = json.loads((out / f"{name}.json").read_text())["means"]
            figures = [means[key] for key in ("mA", "Acc", "Prec", "Rec", "F1", "mAP")]
            lines.append(f"| {name} | " + " | ".join(f"{100 * value:.2f}" for value in figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
