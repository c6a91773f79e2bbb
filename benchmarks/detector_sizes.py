"""What the detector's input size costs and saves: `python benchmarks/detector_sizes.py --data $HARCLI_DATA`.

Each `--detector` (the one that comes with harcli unless given) sees each photo with the long side of its input at each
of `--sizes`. A row a set of photos:

    ms      processor time of one thread for a photo, resizing included: the least of `--rounds` turns
    tall    recall of people at least 96 px tall, at the confidence
    small   recall of people of 36 to 96 px
    false   boxes a photo that belong to nobody, as `benchmarks/detector.py` counts them
    AP50    of people at least 96 px tall

COCO128's photos with people have true boxes. Other photos (`--photos FOLDER --teacher yolo26l.pt`) have those of a
larger detector instead: people are what it sees with .5 or more, and boxes on what it sees with .1 to .5 count neither
way. `--boxes FILE.json` keeps what it saw, so that it need not look again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from detector import LOWEST, OVERLAP, TALL, Photo, judge, measure, read_people

from harcli.people import load_detector
from harcli.people.nms import iou
from harcli.people.onnx_detector import OnnxDetector
from harcli.photos.decode import decode
from harcli.runtime import limit_threads

SMALL = 36  # pixels; less high people get no tags by default
SURE, PERHAPS = 0.5, 0.1
"""From which score of the teacher somebody is there, and below which nobody is."""

Known = tuple[Path, np.ndarray, np.ndarray]
"""A photo, `(P, 4)` xyxy of its people, and of what may be people."""


def coco(data: Path) -> list[Known]:
    """COCO128's photos with people."""
    found = []
    for label in sorted((data / "coco128" / "labels_boxes" / "train2017").glob("*.txt")):
        file = data / "coco128" / "images" / "train2017" / f"{label.stem}.jpg"
        if file.is_file():
            height, width = decode(file).shape[:2]
            people = read_people(label, width, height)
            if len(people):
                found.append((file, people, np.zeros((0, 4))))
    return found


def taught(folder: Path, teacher: Path | None, kept: Path | None) -> list[Known]:
    """The photos of a folder, with the boxes of a larger detector."""
    if kept and kept.is_file():
        seen = json.loads(kept.read_text())
    else:
        if teacher is None:
            raise SystemExit("--photos needs --teacher, or --boxes that an earlier run has kept")
        model = load_detector(str(teacher), confidence=PERHAPS, provider="cpu")
        files = sorted(folder.glob("*.jpg"))
        seen = {file.name: [[*d.box, d.score] for d in model.detect([decode(file)])[0]] for file in files}
        if kept:
            kept.write_text(json.dumps(seen))
    found = []
    for name in sorted(seen):
        boxes = np.array(seen[name], dtype=float).reshape(-1, 5)
        sure = boxes[:, 4] >= SURE
        found.append((folder / name, boxes[sure, :4], boxes[~sure, :4]))
    return found


def look(detector: OnnxDetector, known: Sequence[Known], pixels: Sequence[np.ndarray]) -> tuple[list[Photo], float]:
    """The photos judged, and the processor time for one, in milliseconds."""
    begin = time.process_time()
    boxes = [detector.detect([image])[0] for image in pixels]
    spent = (time.process_time() - begin) / len(pixels) * 1000
    photos = []
    for (file, people, perhaps), found in zip(known, boxes, strict=True):
        photo = judge(file.name, False, people, found)
        if len(perhaps) and len(found):
            unclear = (iou(np.array([d.box for d in found]), perhaps).max(axis=1) >= OVERLAP) & (photo.pairs < 0)
            photo.scores, photo.heights, photo.nearest, photo.pairs = (
                values[~unclear] for values in (photo.scores, photo.heights, photo.nearest, photo.pairs)
            )
        photos.append(photo)
    return photos, spent


def small(photos: Sequence[Photo], confidence: float) -> tuple[int, int]:
    """How many people of 36 to 96 px are found, and how many there are."""
    found = there = 0
    for photo in photos:
        heights = photo.people[:, 3] - photo.people[:, 1]
        is_small = (heights >= SMALL) & (heights < TALL)
        there += int(is_small.sum())
        found += int(is_small[photo.pairs[(photo.scores >= confidence) & (photo.pairs >= 0)]].sum())
    return found, there


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds coco128/")
    parser.add_argument("--photos", type=Path, help="folder of further photos, without true boxes")
    parser.add_argument("--teacher", type=Path, help="a larger detector, for those")
    parser.add_argument("--boxes", type=Path, help="JSON of its boxes, written if it is not there")
    parser.add_argument("--detector", action="append", help="an .onnx file; may be given several times")
    parser.add_argument("--sizes", default="480,512,544,576,640")
    parser.add_argument("--confidence", default="0.2", help="one or several, separated by commas")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()

    limit_threads(1)
    sets = {"COCO128": coco(options.data)}
    if options.photos:
        sets[options.photos.name] = taught(options.photos, options.teacher, options.boxes)
    pixels = {name: [decode(file) for file, *_ in known] for name, known in sets.items()}
    specs, sizes = options.detector or [None], [int(size) for size in options.sizes.split(",")]
    rows = [(spec, size, name) for name in sets for spec in specs for size in sizes]
    detectors = {spec: load_detector(spec, confidence=LOWEST, provider="cpu") for spec in specs}
    photos: dict[tuple[str | None, int, str], list[Photo]] = {}
    times: dict[tuple[str | None, int, str], list[float]] = {row: [] for row in rows}
    for _ in range(options.rounds):
        for row in rows:
            detector = detectors[row[0]]
            assert isinstance(detector, OnnxDetector)
            detector.long_side = row[1]
            photos[row], spent = look(detector, sets[row[2]], pixels[row[2]])
            times[row].append(spent)
    for row in rows:
        spec, size, name = row
        for confidence in map(float, options.confidence.split(",")):
            figures, (found, there) = measure(photos[row], confidence), small(photos[row], confidence)
            print(
                f"{name:10} {spec or 'built in':30} {size} at {confidence:.2f}  ms {min(times[row]):5.1f}  "
                f"tall {figures['recall_96px']:.3f} of {figures['people_96px']}  small {found} of {there}  "
                f"false {figures['false_boxes_per_photo']:.2f}  AP50 {figures['ap50_96px']:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
