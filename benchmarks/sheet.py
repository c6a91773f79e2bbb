"""A contact sheet of people with the tags that they get, to look at: what is wrong with a model shows at a glance.

    python benchmarks/sheet.py --data $HARCLI_DATA --out sheet.png [--part test] [--count 60] [models/NAME/model.onnx]

Below each person stand the tags; in red those that the labels by eye call untrue, in grey those on what cannot be seen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from harcli.attributes import UNKNOWN, UNSEEN
from harcli.datasets import labels_of, load
from harcli.evaluation.predict import predict_onnx
from harcli.evaluation.tags import given_tags
from harcli.photos.crop import crop
from harcli.photos.decode import decode
from harcli.recognition.model import AttributeModel

CELL, PICTURE, COLUMNS, LINE = 200, 230, 10, 13
INK, RED, GREY = (20, 20, 20), (200, 0, 0), (140, 140, 140)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, help="default: the built-in model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", default="test")
    parser.add_argument("--dataset", default="everyday")
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    people = [s for s in load([options.dataset], options.data) if s.part == options.part]
    people = people[:: max(1, len(people) // options.count)][: options.count]
    model = AttributeModel.load(options.model)
    names = model.metadata.names
    limits = dict(zip(names, model.metadata.thresholds, strict=True))
    given = given_tags(predict_onnx(model, people), names, limits)
    labels = labels_of(people, names)
    lines = max(1, int(given.sum(1).max()))
    height = PICTURE + LINE * lines + 12
    sheet = Image.new("RGB", (CELL * COLUMNS, height * -(-len(people) // COLUMNS)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for number, person in enumerate(people):
        left, top = number % COLUMNS * CELL, number // COLUMNS * height
        rgb = decode(person.image)
        box = person.box or (0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0]))
        picture = Image.fromarray(np.ascontiguousarray(crop(rgb, box, 0.05)))
        picture.thumbnail((CELL - 10, PICTURE - 10), Image.Resampling.LANCZOS)
        sheet.paste(picture, (left + 5, top + 5))
        draw.text((left + CELL - 24, top + 5), str(number + 1), INK, font)
        for line, place in enumerate(np.flatnonzero(given[number])):
            label = int(labels[number, place])
            colour = GREY if label in (UNSEEN, UNKNOWN) else INK if label == 1 else RED
            draw.text((left + 5, top + PICTURE + LINE * line), names[place], colour, font)
    sheet.save(options.out)
    wrong = int((given & (labels == 0)).sum())
    print(f"{options.out}: {len(people)} people, {int(given.sum())} tags, {wrong} of them untrue by the labels")


if __name__ == "__main__":
    main()
