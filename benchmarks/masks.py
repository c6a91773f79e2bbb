"""How well `harcli masks` finds a person's mask: `python benchmarks/masks.py --data $HARCLI_DATA --weights SEG.pt`.

Photos and true polygons are COCO128's (`coco128/images/train2017`, `coco128/labels_masks/train2017`, class 1 = person).
Each person at least 96 px tall is a target, neighbours and all. The rows:

* in the photo: the crop is what `harcli masks` shows the network for a data set with boxes, `CONTEXT` around the true
  box;
* as a small crop: the true box with 5 % around, shrunk to 160 px, is the whole image, as in PETA or PA-100K: nothing
  but its place in the crop tells the target from others.

IoU is of the mask with the true polygon inside the crop, at the photo's resolution; a person who is not found counts
as 0. A neighbour is taken where the mask overlaps another person's polygon more than the target's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from harcli.datasets.transforms import CONTEXT
from harcli.photos.crop import grow_box
from harcli.photos.decode import decode
from harcli.training.segmenter import Crop, Segmenter

TALL = 96  # pixels
SMALL = 160
TIGHT = 0.05


@dataclass
class Target:
    """A crop, and the polygon of its target (first) and of the photo's other people in it, `(h, w)` bool each."""

    crop: Crop
    people: list[np.ndarray]


def targets(data: Path, margin: float, small: int | None) -> Iterator[Target]:
    """The annotated people of COCO128, cropped."""
    for photo in sorted((data / "coco128/images/train2017").glob("*.jpg")):
        label = data / "coco128/labels_masks/train2017" / f"{photo.stem}.txt"
        lines = label.read_text().splitlines() if label.exists() else []
        polygons = [np.array(w[1:], dtype=float).reshape(-1, 2) for w in map(str.split, lines) if w[0] == "1"]
        image = Image.fromarray(decode(photo))
        polygons = [polygon * image.size for polygon in polygons]
        drawn = [_drawn(polygon, image.size) for polygon in polygons]
        for i, polygon in enumerate(polygons):
            (x1, y1), (x2, y2) = polygon.min(axis=0), polygon.max(axis=0)
            if y2 - y1 < TALL:
                continue
            rectangle = grow_box((x1, y1, x2, y2), image.size, margin)
            pixels = image.crop(rectangle)
            box = (x1 - rectangle[0], y1 - rectangle[1], x2 - rectangle[0], y2 - rectangle[1])
            if small:
                scale = min(1.0, small / pixels.height)
                pixels = pixels.resize((round(pixels.width * scale), round(pixels.height * scale)))
                box = (0.0, 0.0, float(pixels.width), float(pixels.height))
            order = [i, *(k for k in range(len(drawn)) if k != i)]
            yield Target(Crop(pixels, box), [np.asarray(drawn[k].crop(rectangle)) for k in order])


def _drawn(polygon: np.ndarray, size: tuple[int, int]) -> Image.Image:
    mask = Image.new("1", size)
    ImageDraw.Draw(mask).polygon([tuple(point) for point in polygon], fill=1)
    return mask


def judge(found: np.ndarray, people: list[np.ndarray]) -> tuple[float, bool]:
    """IoU with the target's polygon, and whether a neighbour overlaps more."""
    height, width = people[0].shape
    mask = Image.fromarray(found.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR)
    ious = [(m := np.asarray(mask) > 127, (m & p).sum() / max(1, (m | p).sum()))[1] for p in people]
    return float(ious[0]), bool(max(ious) > ious[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds coco128/")
    parser.add_argument("--weights", type=Path, required=True, help="Ultralytics segmentation model")
    parser.add_argument("--imgsz", type=int, default=320)
    options = parser.parse_args()
    segmenter = Segmenter(options.weights, options.imgsz)
    print("| crops | people | IoU mean | IoU median | not found | neighbour taken | crops/s |")
    print("|---|---|---|---|---|---|---|")
    for name, margin, small in (("in the photo", CONTEXT, None), ("small crop", TIGHT, SMALL)):
        people = list(targets(options.data, margin, small))
        start = time.perf_counter()
        found = segmenter.find([t.crop for t in people])
        rate = len(people) / (time.perf_counter() - start)
        judged = [judge(f.mask, t.people) if f else (0.0, False) for f, t in zip(found, people, strict=True)]
        ious = np.array([iou for iou, _ in judged])
        figures = f"{ious.mean():.3f} | {np.median(ious):.3f} | {found.count(None)} | {sum(n for _, n in judged)}"
        print(f"| {name} | {len(people)} | {figures} | {rate:.0f} |")


if __name__ == "__main__":
    main()
