"""What each part of the everyday model's recipe is worth: train with one change at a time, score, print one table.

    python benchmarks/changes.py --data data --backbone lite2.safetensors --boxes boxes.csv --masks masks --out runs

Everything is scored on the validation part of the people labelled by eye; the test part is not looked at. Rows that are
done are kept, a row that was stopped goes on. The budget, the same for all rows, is what two CPU cores manage: these
figures compare, they are not what the network can reach. `base`, `base-1` and `base-2` differ by their seed alone, so
their spread says how much a difference means.
"""

from __future__ import annotations

import shlex

from rows import asked, run, table

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
FILES = {
    "data": "folder with a folder per data set",
    "backbone": "ImageNet weights of the Lite2 (.safetensors)",
    "boxes": "CSV of `harcli tag` on the whole photos",
    "masks": "folder of `harcli masks --dataset everyday`",
}


def main() -> None:
    """Train and score the rows that are asked for, then print the table of all that are there."""
    options = asked(__doc__ or "", ROWS, BUDGET, FILES)
    files = ("--root", options.data, "--boxes", options.boxes, "--masks", options.masks)
    common = (*files, "--backbone-weights", options.backbone, *shlex.split(RECIPE))
    run(options, ROWS, common, lambda name: ("--dataset", "everyday", "--root", options.data, "--part", "val"))
    shown = {name: f"{name} (`{change}`)" if change else name for name, change in ROWS.items()}
    print(table(options.out, shown, ("mAP", "mA", "F1")))


if __name__ == "__main__":
    main()
