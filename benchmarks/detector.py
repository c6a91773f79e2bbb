"""How well a person detector finds people: `python benchmarks/detector.py --data $HARCLI_DATA [--detector FILE]`.

Photos and true boxes are COCO128's (`coco128/images/train2017`, `coco128/labels_boxes/train2017`, class 0 = person).
Boxes and people are paired one to one, best score first, each box with the free person that it overlaps most, where
IoU >= 0.5. Then

* recall: the share of the people at least 96 px tall that have a box at the confidence (the default one unless given);
* false boxes: boxes at that confidence without a person of any size, per photo. A second box on one person is false;
  so is a box on a person whom COCO's annotators left out. `on nobody` are those that overlap no person at all by 0.1.
* AP50: average precision of people at least 96 px tall from all boxes of score 0.001 and up, COCO's 101 points;
  smaller people, the boxes on them and unpaired boxes less than 96 px tall count neither way.

The rows: the person photos (what recall is asked on), all photos, and the photos that `harcli train-detector
--hold-out` leaves out of training, each fourth of all.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from harcli.people import Detection, load_detector
from harcli.people.nms import iou

TALL = 96  # pixels
OVERLAP = 0.5
NOBODY = 0.1
LOWEST = 0.001


@dataclass
class Photo:
    """One photo, judged: its people, and its boxes with the person that each got."""

    name: str
    held_out: bool
    people: np.ndarray  # (P, 4) xyxy
    scores: np.ndarray  # (B,), best first
    heights: np.ndarray  # (B,)
    nearest: np.ndarray  # (B,) highest IoU with any person
    pairs: np.ndarray  # (B,) index of the person, or -1

    @property
    def tall(self) -> np.ndarray:
        """`(P,)`: which people are at least 96 px tall."""
        return self.people[:, 3] - self.people[:, 1] >= TALL


def read_people(label: Path, width: int, height: int) -> np.ndarray:
    """The class 0 boxes of a YOLO label file, `(P, 4)` xyxy in pixels."""
    rows = [[float(value) for value in line.split()] for line in label.read_text().splitlines()]
    boxes = np.array([row[1:] for row in rows if row[0] == 0], dtype=float).reshape(-1, 4)
    corners = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], axis=1)
    return corners * np.array([width, height, width, height])


def judge(name: str, held_out: bool, people: np.ndarray, found: Sequence[Detection]) -> Photo:
    """Pair the boxes of one photo with its people."""
    boxes = np.array([detection.box for detection in found], dtype=float).reshape(-1, 4)
    overlaps = iou(boxes, people) if len(people) else np.zeros((len(boxes), 0))
    nearest = overlaps.max(axis=1) if len(people) else np.zeros(len(boxes))
    pairs = np.full(len(boxes), -1)
    free = overlaps.copy()
    for index in range(len(boxes)):
        if free.shape[1] and free[index].max() >= OVERLAP:
            pairs[index] = free[index].argmax()
            free[:, pairs[index]] = 0
    scores = np.array([detection.score for detection in found])
    return Photo(name, held_out, people, scores, boxes[:, 3] - boxes[:, 1], nearest, pairs)


def average_precision(photos: Sequence[Photo]) -> float:
    """AP50 of people at least 96 px tall, 0..1."""
    scores, hits = [], []
    for photo in photos:
        paired = photo.pairs >= 0
        tall_pair = paired & photo.tall[photo.pairs] if len(photo.people) else paired
        counted = tall_pair | (~paired & (photo.heights >= TALL))
        scores.append(photo.scores[counted])
        hits.append(tall_pair[counted])
    order = np.argsort(-np.concatenate(scores), kind="stable")
    hit = np.concatenate(hits)[order]
    recall = hit.cumsum() / sum(int(photo.tall.sum()) for photo in photos)
    precision = hit.cumsum() / np.arange(1, len(hit) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101))
    return float(np.append(precision, 0)[np.minimum(at, len(precision))].mean())


def measure(photos: Sequence[Photo], confidence: float) -> dict[str, float]:
    """The figures of some photos at a confidence."""
    tall = found = false = on_nobody = 0
    for photo in photos:
        shown = photo.scores >= confidence
        paired = photo.pairs[shown & (photo.pairs >= 0)]
        tall += int(photo.tall.sum())
        found += int(photo.tall[paired].sum())
        unpaired = shown & (photo.pairs < 0)
        false += int(unpaired.sum())
        on_nobody += int((unpaired & (photo.nearest < NOBODY)).sum())
    return {
        "photos": len(photos),
        "people_96px": tall,
        "recall_96px": round(found / tall, 4),
        "false_boxes_per_photo": round(false / len(photos), 4),
        "on_nobody_per_photo": round(on_nobody / len(photos), 4),
        "ap50_96px": round(average_precision(photos), 4),
    }


def run(data: Path, detector: str | None, provider: str) -> list[Photo]:
    """Detect and judge COCO128's photos that have a label file."""
    model = load_detector(detector, confidence=LOWEST, provider=provider)
    folder = data / "coco128" / "images" / "train2017"
    files = sorted(folder.glob("*.jpg"))
    if not files:
        raise SystemExit(f"no photos in {folder}: --data is the folder that holds coco128/")
    photos = []
    for index, file in enumerate(files):
        label = data / "coco128" / "labels_boxes" / "train2017" / f"{file.stem}.txt"
        if not label.is_file():
            continue
        pixels = np.asarray(Image.open(file).convert("RGB"))
        people = read_people(label, pixels.shape[1], pixels.shape[0])
        photos.append(judge(file.name, index % 4 == 3, people, model.detect([pixels])[0]))
    return photos


def main() -> None:
    """Print a line of figures for each part of the photos."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds coco128/")
    parser.add_argument("--detector", help="an .onnx or .pt file; without: the one that comes with harcli")
    parser.add_argument("--provider", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--confidence", type=float, help="instead of the detector's default")
    parser.add_argument("--sweep", action="store_true", help="also show the person photos at other confidences")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()

    photos = run(options.data, options.detector, options.provider)
    default = getattr(load_detector(options.detector, provider=options.provider), "confidence", 0.25)
    confidence = options.confidence if options.confidence is not None else default
    with_people = [photo for photo in photos if len(photo.people)]
    parts = {
        "person photos": with_people,
        "all photos": photos,
        "each fourth, person photos": [photo for photo in with_people if photo.held_out],
    }
    figures = {name: measure(part, confidence) for name, part in parts.items()}
    print(f"confidence {confidence}")
    for name, row in figures.items():
        print(f"{name:28}" + "  ".join(f"{key} {value}" for key, value in row.items()))
    if options.sweep:
        for step in np.arange(0.15, 0.65, 0.05):
            row = measure(with_people, float(step))
            print(f"{step:.2f}  recall {row['recall_96px']}  false {row['false_boxes_per_photo']}")
    if options.json:
        options.json.write_text(json.dumps({"confidence": confidence, **figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
