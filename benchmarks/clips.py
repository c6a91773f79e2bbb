"""Clips for `tracks.py`, made out of COCO128's photos: people who were cut out of some move across another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from detector import read_people
from numpy.typing import NDArray
from PIL import Image

from harcli.people.nms import iou
from harcli.photos.decode import decode

SIZE = (960, 540)
SECONDS = 30
FASTEST = 10  # frames a second that are made and looked at; slower rates take some of them
PEOPLE = 5
SPEEDS = (0.0, 0.0, 0.15, 0.3, 0.3, 0.5, 0.8)  # of the own height, a second: 0.8 is a brisk walk
PAN = 25  # pixels a second that the camera turns, there and back

Labelled = tuple[Path, NDArray[Any]]
"""A photo and its people, `(P, 4)` xyxy."""


def labelled(data: Path) -> list[Labelled]:
    """COCO128's photos that have labels."""
    found = []
    for label in sorted((data / "coco128/labels_boxes/train2017").glob("*.txt")):
        path = data / "coco128/images/train2017" / f"{label.stem}.jpg"
        if path.is_file():
            with Image.open(path) as photo:
                found.append((path, read_people(label, *photo.size)))
    return found


def cut_people(photos: list[Labelled], count: int) -> list[NDArray[np.uint8]]:
    """People who stand free and are large, at most one of each photo."""
    cut: list[NDArray[np.uint8]] = []
    for path, people in photos:
        alone = (iou(people, people) > 0.2).sum(1) == 1
        for x1, y1, x2, y2 in people[alone]:
            if y2 - y1 > 150 and 1.8 < (y2 - y1) / (x2 - x1) < 4:
                cut.append(decode(path)[int(y1) : int(y2), int(x1) : int(x2)])
                break
    return cut[:count]


def clip(scene: NDArray[np.uint8], people: list[NDArray[np.uint8]], seed: int) -> Iterator[tuple[float, Any, Any, Any]]:
    """Time, pixels, true boxes `(N, 4)` and numbers `(N,)` of people at least 40 % of whom are to be seen."""
    rng = np.random.default_rng(seed)
    width, height = SIZE
    backdrop = np.asarray(Image.fromarray(scene).resize((width + 2 * PAN * SECONDS, height)))
    heights = rng.uniform(0.3, 0.6, len(people)) * height
    pictures = [
        Image.fromarray(one).resize((max(8, round(h * one.shape[1] / one.shape[0])), round(h)))
        for one, h in zip(people, heights, strict=True)
    ]
    feet = 0.45 * height + heights * 0.9  # nearer people are larger, and lower in the picture
    starts = rng.uniform(0, width, len(people))
    speeds = rng.permutation(SPEEDS)[: len(people)] * heights * rng.choice((-1, 1), len(people))
    for number in range(SECONDS * FASTEST):
        t = number / FASTEST
        pan = PAN * min(t, SECONDS - t)
        frame = Image.fromarray(backdrop[:, round(pan) : round(pan) + width])
        owner = np.full((height, width), -1)
        boxes, names, shown = {}, {}, []
        for i in np.argsort(feet):  # those in front last
            w, h = pictures[i].size
            span = width + 2 * w
            laps, x = divmod(starts[i] + speeds[i] * t - pan + w, span)
            x -= w
            names[i] = i + round(laps + 1000) * 100  # who has left and comes in at the other side is somebody else
            y = feet[i] - h + 0.01 * h * np.sin(7 * t + i)
            frame.paste(pictures[i], (round(x), round(y)))
            box = np.clip((x, y, x + w, y + h), 0, (width, height, width, height))
            boxes[i] = (box, w * h)
            x1, y1, x2, y2 = box.round().astype(int)
            owner[y1:y2, x1:x2] = i
        for i, (_, area) in boxes.items():
            if (owner == i).sum() >= 0.4 * area:
                shown.append(i)
        yield (
            t,
            np.asarray(frame),
            np.array([boxes[i][0] for i in shown]).reshape(-1, 4),
            np.array([names[i] for i in shown]),
        )
