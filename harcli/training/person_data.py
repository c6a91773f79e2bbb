"""The person detector's training set: true boxes of COCO photos, a larger teacher's boxes of street photos."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from harcli.errors import HarcliError
from harcli.people.ultralytics_guard import import_ultralytics

COCO_PHOTOS = Path("coco128/images/train2017")
COCO_BOXES = Path("coco128/labels_boxes/train2017")
STREET_PHOTOS = (Path("ccp/photos"), Path("clothing_attributes/images"))

# A street photo is used only when the teacher is sure of every box that it sees: none between these two scores.
TEACHER_SEES = 0.2
TEACHER_IS_SURE = 0.5


def is_held_out(index: int) -> bool:
    """Whether the COCO photo of this index (by sorted name) is kept for judging: each fourth is."""
    return index % 4 == 3


def person_lines(label: str) -> str:
    """The lines of a COCO YOLO label file whose class is 0, person."""
    return "".join(f"{line}\n" for line in label.splitlines() if line.split()[:1] == ["0"])


def street_photos(data: Path, count: int) -> list[Path]:
    """`count` street photos, spread evenly over both clothing sets, in a stable order."""
    photos = [path for folder in STREET_PHOTOS for path in sorted((data / folder).glob("*.jpg"))]
    if len(photos) < count:
        raise HarcliError(f"{data} holds {len(photos)} street photos, {count} were asked for: check --data")
    return [photos[i * len(photos) // count] for i in range(count)]


def teacher_boxes(teacher: Path, photos: Sequence[Path], cache: Path) -> dict[str, list[list[float]]]:
    """Label lines `[x_centre, y_centre, width, height]` (0..1) by photo, of the photos that the teacher is sure of.

    The boxes are written to `cache` (JSON) and read from there the next time, since the teacher is slow on a CPU.
    """
    if cache.is_file():
        boxes: dict[str, list[list[float]]] = json.loads(cache.read_text())
        return boxes
    model = import_ultralytics().YOLO(str(teacher))
    boxes = {}
    for photo in photos:
        found = model.predict(str(photo), imgsz=640, conf=TEACHER_SEES, classes=[0], verbose=False)[0].boxes
        if len(found) and float(found.conf.min()) >= TEACHER_IS_SURE:
            boxes[str(photo)] = [[round(value, 6) for value in box] for box in found.xywhn.tolist()]
    cache.write_text(json.dumps(boxes))
    return boxes


def write_dataset(data: Path, teacher: Path, work: Path, *, street: int, hold_out: bool) -> Path:
    """Lay out a one-class YOLO data set in `work` and return its YAML file.

    Args:
        data: the folder that holds coco128/, ccp/ and clothing_attributes/.
        teacher: an Ultralytics `.pt` whose class 0 is person.
        work: a scratch folder; `images/` and `labels/` in it are replaced.
        street: the number of street photos given to the teacher.
        hold_out: keep each fourth COCO photo out of training (`is_held_out`).

    Raises:
        HarcliError: a photo folder is missing or has too few photos.
    """
    coco = sorted((data / COCO_PHOTOS).glob("*.jpg"))
    if not coco:
        raise HarcliError(f"no photos in {data / COCO_PHOTOS}: check --data")
    work.mkdir(parents=True, exist_ok=True)
    street_boxes = teacher_boxes(teacher, street_photos(data, street), work / f"{teacher.stem}_{street}.json")
    for part in ("images", "labels"):
        shutil.rmtree(work / part, ignore_errors=True)
        for split in ("train", "val"):
            (work / part / split).mkdir(parents=True)

    for index, photo in enumerate(coco):
        truth = data / COCO_BOXES / f"{photo.stem}.txt"
        if not truth.is_file():  # COCO128 leaves two photos without labels: not known to be empty
            continue
        label = person_lines(truth.read_text())
        held_out = is_held_out(index)
        if held_out:
            _add(work, "val", photo, photo.stem, label)
        if not (held_out and hold_out):
            _add(work, "train", photo, photo.stem, label)
    for name, boxes in street_boxes.items():
        path = Path(name)
        lines = "".join("0 " + " ".join(f"{value:.6f}" for value in box) + "\n" for box in boxes)
        _add(work, "train", path, f"{path.parent.parent.name}_{path.stem}", lines)

    yaml = work / "person.yaml"
    yaml.write_text(f"path: {work.resolve()}\ntrain: images/train\nval: images/val\nnames: {{0: person}}\n")
    return yaml


def _add(work: Path, split: str, photo: Path, stem: str, label: str) -> None:
    shutil.copyfile(photo, work / "images" / split / f"{stem}.jpg")
    (work / "labels" / split / f"{stem}.txt").write_text(label)
