"""What each part of the everyday model's recipe is worth: train with one change at a time, score, print one table.

    python benchmarks/changes.py --data data --backbone lite2.safetensors --boxes boxes.csv --masks masks --out runs

Everything is scored on the validation part of the people labelled by eye; the test part is not looked at. Rows that are
done are kept, a row that was stopped goes on. The budget, the same for all rows, is what two CPU cores manage: these
figures compare, they are not what the network can reach. `base`, `base-1` and `base-2` differ by their seed alone, so
their spread says how much a difference means.
"""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path

from peta import harcli, train

BUDGET = "--size 128x64 --batch 48 --iterations 300 --ema 0.99 --precision auto"
RECIPE = (
    "--dataset everyday,ccp,clothing_attributes --backbone efficientnet-lite2 --width 96 --dropout 0.2 --shift 0.08 "
    "--upper 0.1 --parts 0.1 --worse 0.5 --smoothing 0.02 --unseen-weight 0.3 --rare 0.03 --colour 0.35 --lr 4e-4 "
    "--head-lr 1.5e-3 --weight-decay 0.03 --frozen-stages 1 --min-positives 30 --val-images 0"
)
PLAIN = "--no-attention --no-self-mask --no-fusion --no-masked-attention"
ROWS = {
    "base": "",
    "base-1": "--seed 1",
    "base-2": "--seed 2",
    "plain": PLAIN,
    "plain-1": f"{PLAIN} --seed 1",
    "plain-2": f"{PLAIN} --seed 2",
    "not-worse": "--worse 0",
    "whole-bodies": "--upper 0 --parts 0",
    "shift-0.03": "--shift 0.03",
    "colour-0.1": "--colour 0.1",
    "no-smoothing": "--smoothing 0",
    "unseen-ignored": "--unseen-weight 0",
    "rare-as-drawn": "--rare 0",
    "no-dropout": "--dropout 0",
    "no-average": "--ema 0",
    "square": "--size 96x96",
    "everyday-alone": "--dataset everyday",
    "all-frozen-but-last": "--frozen-stages 3",
}
FIGURES = ("mAP", "mA", "F1")


def main() -> None:
    """Train and score the rows that are asked for, then print the table of all that are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with a folder per data set")
    parser.add_argument("--backbone", type=Path, required=True, help="ImageNet weights of the Lite2 (.safetensors)")
    parser.add_argument("--boxes", type=Path, required=True, help="CSV of `harcli tag` on the whole photos")
    parser.add_argument("--masks", type=Path, required=True, help="folder of `harcli masks --dataset everyday`")
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--rows", default=",".join(ROWS), help="which rows, in this order")
    parser.add_argument("--options", default=BUDGET, help="options of `harcli train` that set the budget")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    files = ("--root", options.data, "--boxes", options.boxes, "--masks", options.masks)
    for name in options.rows.split(","):
        words = shlex.split(f"{RECIPE} {options.options} {ROWS[name]}")
        train(options.out / name, *files, "--backbone-weights", options.backbone, *words)
        score(name, options)
    print(table(options.out))


def score(name: str, options: argparse.Namespace) -> None:
    """Score a row on the validation part, once, at the size that it was trained at."""
    scores = options.out / f"{name}.json"
    if not scores.exists():
        weights = options.out / name / "last.safetensors"
        data = ("--dataset", "everyday", "--root", options.data, "--part", "val")
        harcli("evaluate", weights, *data, "--precision", "auto", "--out", scores)


def table(out: Path) -> str:
    """All rows that have scores, as Markdown."""
    lines = [f"| row | {' | '.join(FIGURES)} |", "|---" * (1 + len(FIGURES)) + "|"]
    for name, change in ROWS.items():
        if (out / f"{name}.json").exists():
            means = json.loads((out / f"{name}.json").read_text())["means"]
            figures = " | ".join(f"{100 * means[key]:.2f}" for key in FIGURES)
            lines.append(f"| {name}{f' (`{change}`)' if change else ''} | {figures} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
