"""The tables of an attribute model's card, from its scores: `python benchmarks/card.py models/da-har-fast`.

    python benchmarks/card.py models/NAME [--test test.json --everyday everyday.json --fashion fashion.json
        --validation validation.json --fitted val.json]

Each table of `card.md` that begins with the head of one of those below is replaced. With files, `scores.json` is made
of them first: `test` by `harcli evaluate --part test --groups sex,age --out`, `everyday`, `fashion` and `validation` by
`benchmarks/everyday.py --out`, `fitted` (calibration, thresholds, reach) by `harcli evaluate --part val --calibrate
--out`. Text between the tables is written by hand.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PARTS = ("test", "everyday", "fashion", "validation", "fitted")
FITTED = ("calibration", "levels", "reach")
JUDGED = ("male", "female", "child")


def row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |".replace("|  |", "| |")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    return [row(*head), row(*["---"] * len(head)), *(row(*cells) for cells in rows)]


def share(value: float | None, places: int = 2) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def by_attribute(scores: dict[str, Any]) -> list[str]:
    tags, val = scores["test"]["tags"]["attributes"], scores["validation"][0]["by attribute"]
    rows = []
    for name, found in scores["test"]["attributes"].items():
        ours = tags[name]
        rows.append(
            (
                *(name, val[name]["given"], share(val[name]["precision"]), found["positives"], share(found["AP"])),
                *(ours["given"], share(ours["precision"]), share(ours["recall"]), share(found["threshold"])),
            )
        )
    head = ("attribute", "val: tags", "val: precision", "test: positives", "AP")
    return table((*head, "tags", "precision", "recall", "threshold"), rows)


def by_height(scores: dict[str, Any]) -> list[str]:
    heights = scores["everyday"][0]["by height"].items()
    rows = [(h, found["given"], f"{found['precision']:.0%}", f"{found['recall']:.0%}") for h, found in heights]
    spaced = [[str(cell).replace("%", " %") for cell in cells] for cells in rows]
    return table(("height in pixels", "tags", "precision", "recall"), spaced)


def steady(scores: dict[str, Any]) -> list[str]:
    rows = [(what, f"{value:.1%}".replace("%", " %")) for what, value in scores["everyday"][0]["changed"].items()]
    return table(("what changes", "tags that change"), rows)


def groups(scores: dict[str, Any], of: str) -> list[str]:
    """Error rates by sex or age, as `harcli evaluate --groups` has them."""
    found = scores["test"]["groups"][of]
    rows = [
        (f"`{name}`: wrong", *(share(group["attributes"][name]["error"], 3) for group in found.values()))
        for name in JUDGED
    ]
    for rate in ("missed", "false", "error"):
        others = [group["others"] for group in found.values()]
        rows.append((f"{others[0][f'{rate} over']} other attributes: {rate}", *(share(o[rate], 3) for o in others)))
    return table(("", *(f"{name} ({group['images']})" for name, group in found.items())), rows)


def tables(scores: dict[str, Any]) -> list[list[str]]:
    return [by_attribute(scores), by_height(scores), steady(scores), groups(scores, "sex"), groups(scores, "age")]


def replaced(card: str, new: Sequence[Sequence[str]]) -> str:
    """The card with each table in place of the one with the same head.

    Raises:
        ValueError: the card has no such table.
    """
    lines = card.split("\n")
    for rows in new:
        start = lines.index(rows[0])
        end = next(i for i in range(start, len(lines)) if not lines[i].startswith("|"))
        lines[start:end] = rows
    return "\n".join(lines)


def gathered(files: dict[str, Path], name: str) -> dict[str, Any]:
    """The scores in these files; the model, which `everyday.py` was given first, as it lies in the repository."""
    found = {part: json.loads(files[part].read_text()) for part in PARTS}
    for part in ("everyday", "fashion", "validation"):
        found[part][0]["model"] = f"models/{name}/model.onnx"
    found["fitted"] = {key: found["fitted"]["fitted"][key] for key in FITTED}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for part in PARTS:
        parser.add_argument(f"--{part}", type=Path)
    options = parser.parse_args()
    files = {part: getattr(options, part) for part in PARTS if getattr(options, part)}
    if files and len(files) < len(PARTS):
        parser.error(f"name all of {', '.join(f'--{part}' for part in PARTS)}, or none")
    if files:
        (options.folder / "scores.json").write_text(json.dumps(gathered(files, options.folder.name), indent=1) + "\n")
    card, scores = options.folder / "card.md", json.loads((options.folder / "scores.json").read_text())
    card.write_text(replaced(card.read_text(encoding="utf-8"), tables(scores)), encoding="utf-8")


if __name__ == "__main__":
    main()
