"""What corrections bring: `python benchmarks/corrections.py --data $HARCLI_DATA --out corrections [--by all]`.

Writes a folder `labelled` as if somebody had tagged photos and corrected the tags in a report's page, from people whose
labels are known and whom the built-in model was not trained on: the part val of `everyday`. Its photos are divided in
two: people of the one half are the corrections (part `train`, columns `right` and `wrong`), those of the other half
score the models (part `test`, with all their labels). Then, as in docs/training.md:

    harcli train --dataset labelled --root corrections --labels shared --start da-har-lite2 --lr 2e-5 --epochs 5 \
        --out run
    harcli export-onnx run/last.safetensors --thresholds da-har-lite2 --mirrored --crops $HARCLI_DATA/everyday/crops \
        --out corrected.onnx
    harcli evaluate da-har-lite2 --dataset labelled --root corrections
    harcli evaluate corrected.onnx --dataset labelled --root corrections

`--by` says how much somebody does: `tags` judges each tag that harcli gave; `all` also says what it missed; `words`
labels everybody as a whole, as docs/training.md tells it.
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from harcli.datasets import labels_of, load
from harcli.datasets.words import WORDS
from harcli.evaluation.predict import predict_onnx
from harcli.evaluation.tags import given_tags
from harcli.recognition.model import AttributeModel

BOX = ("x1", "y1", "x2", "y2")


def verdicts(model: AttributeModel, rows: list[dict[str, str]], root: Path, missed: bool) -> list[dict[str, str]]:
    """What somebody with these labels in mind would say of the tags that the model gives: `right` and `wrong`."""
    known = {(s.image.name, s.box and tuple(s.box)): s for s in load(["everyday"], root)}
    people = [known[Path(row["path"]).name, tuple(float(row[side]) for side in BOX)] for row in rows]
    names = model.metadata.names
    limits = dict(zip(names, model.metadata.thresholds, strict=True))
    given = given_tags(predict_onnx(model, people), names, limits)
    labels = labels_of(people, names)
    right = (labels == 1) & (given | missed)
    wrong = (labels == 0) & given
    return [{"right": _names(names, r), "wrong": _names(names, w)} for r, w in zip(right, wrong, strict=True)]


def _names(names: list[str], chosen: Any) -> str:
    return " ".join(names[i] for i in np.flatnonzero(chosen))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--by", choices=("tags", "all", "words"), default="all")
    options = parser.parse_args()
    source = options.data / "everyday" / "people.csv"
    with source.open(newline="") as stream:
        table = csv.DictReader(stream)
        rows = [row for row in table if row["part"] == "val"]
    columns = [*(table.fieldnames or ())]
    folder = options.out / "labelled"
    folder.mkdir(parents=True)
    for row in rows:
        row["path"] = os.path.relpath(source.parent / row["path"], folder)
        row["part"] = "train" if crc32(row["photo"].encode()) % 2 else "test"
    corrected = [row for row in rows if row["part"] == "train"]
    if options.by != "words":
        said = verdicts(AttributeModel.load(None), corrected, options.data, options.by == "all")
        for row, verdict in zip(corrected, said, strict=True):
            row.update(dict.fromkeys(WORDS, ""), **verdict)
        columns += said[0]
        count = [sum(len(verdict[column].split()) for verdict in said) for column in ("right", "wrong")]
        print(f"{count[0]} tags called right, {count[1]} wrong")
    with (folder / "people.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)
    for part, what in (("train", "are corrected"), ("test", "score the models")):
        own = [row for row in rows if row["part"] == part]
        print(f"{len(own)} people of {len({row['photo'] for row in own})} photos {what}")


if __name__ == "__main__":
    main()
