"""Tables of small runs: the same budget for all rows, each with options of its own. For `peta.py` and `changes.py`."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def asked(doc: str, rows: Mapping[str, str], budget: str, files: Mapping[str, str]) -> argparse.Namespace:
    """The command line of such a table; the folder `--out` is made.

    Args:
        doc: of the script.
        rows: options of `harcli train` by the row's name.
        budget: options of `harcli train` that set it.
        files: what must be named besides, `{"backbone": "what it is"}`.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, meaning in files.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--rows", default=",".join(rows), help="which rows, in this order")
    parser.add_argument("--options", default=budget, help="options of `harcli train` that set the budget")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def run(
    options: argparse.Namespace,
    rows: Mapping[str, str],
    common: Sequence[object],
    scored: Callable[[str], Sequence[object]],
) -> None:
    """Train and score the rows that are asked for; those that are done are kept, one that was stopped goes on.

    Args:
        options: of `asked`.
        rows: options of `harcli train` by the row's name; they come after the budget's.
        common: words of `harcli train` for all rows.
        scored: the words of `harcli evaluate` for a row, without its checkpoint and its `--out`.
    """
    for name in options.rows.split(","):
        train(options.out / name, *common, *shlex.split(options.options), *shlex.split(rows[name]))
        scores = options.out / f"{name}.json"
        if not scores.exists():
            weights = options.out / name / "last.safetensors"
            harcli("evaluate", weights, *scored(name), "--precision", "auto", "--out", scores)


def train(folder: Path, *words: object) -> None:
    """Train a row, or go on with it; nothing if it is finished."""
    finished = (folder / "best.safetensors").exists() and not (folder / "resume.safetensors").exists()
    if (folder / "config.json").exists() and not finished:
        harcli("train", "--resume", folder)
    elif not finished:
        harcli("train", *words, "--out", folder)


def harcli(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "harcli", *map(str, words)], check=True)


def table(out: Path, names: Mapping[str, str], figures: Sequence[str]) -> str:
    """All rows that have scores, as Markdown, in per cent.

    Args:
        names: what stands in the first column, by the row's name.
        figures: means of `harcli evaluate`, for example `mAP`.
    """
    lines = [f"| row | {' | '.join(figures)} |", "|---" * (1 + len(figures)) + "|"]
    for name, shown in names.items():
        if (out / f"{name}.json").exists():
            means = json.loads((out / f"{name}.json").read_text())["means"]
            lines.append(f"| {shown} | " + " | ".join(f"{100 * means[key]:.2f}" for key in figures) + " |")
    return "\n".join(lines)
