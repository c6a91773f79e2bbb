"""The rows of the paper's Tables 2 and 3 on PETA: train each, score each, print one table.

    python benchmarks/peta.py --data data --backbone resnet50.safetensors --masks masks --out runs/peta

Rows that are done are kept, a row that was stopped goes on. `--options` replaces the budget, which is the same for all
rows; the default is what two CPU cores manage. With a GPU, for example:

    --options "--size 256x128 --epochs 30 --seed 1"
"""

from __future__ import annotations

from rows import asked, run, table

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


FILES = {
    "data": "folder that holds peta/",
    "backbone": "ImageNet weights of a ResNet-50 (.safetensors)",
    "masks": "folder of `harcli masks --dataset peta`",
}
FIGURES = ("mA", "Acc", "Prec", "Rec", "F1", "mAP")


def main() -> None:
    """Train and score the rows that are asked for, then print the table of all that are there."""
    options = asked(__doc__ or "", ROWS, BUDGET, FILES)
    data = ("--dataset", "peta", "--root", options.data)
    start = ("--backbone-weights", options.backbone, "--masks", options.masks)

    def scored(name: str) -> tuple[object, ...]:
        """On the test part of its split."""
        return (*data, "--split", "identity" if name.startswith("identity") else "0")

    run(options, ROWS, (*data, "--split", "0", "--train-part", "trainval", *start), scored)
    print(table(options.out, {name: name for name in ROWS}, FIGURES))


if __name__ == "__main__":
    main()
