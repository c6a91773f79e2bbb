"""People of a photo as boxes and labels on a copy of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from harcli.attributes.showing import telling_first
from harcli.pictures.labels import Label, Lettering, place_labels
from harcli.results import Box, Record

# Okabe and Ito's colours, which colour-blind eyes tell apart too.
_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#D55E00", "#0072B2")
_BLACK, _WHITE = "#000000", "#FFFFFF"
_BACKGROUND = (16, 16, 16, 200)

_LEAST_SIDE = 720
"""About the least side of a copy, if it were square: labels need room. A long strip stays below four times of it."""

_SIDE_PER_LETTER = 52.0
"""The side of a copy, if it were square, in font sizes."""

_LEAST_LETTER, _LEAST_DIGIT = 11, 6
"""Font sizes in pixels that can still be read."""

_PERSON_PER_LETTER = 9.0
"""The height of a person, in font sizes: in crowds letters are smaller, down to half the size."""


def colour(person: int) -> str:
    """The colour of person 1, 2, ... as `#RRGGBB`."""
    return _COLOURS[(person - 1) % len(_COLOURS)]


def draw(
    rgb: NDArray[np.uint8], records: Sequence[Record], within: tuple[int, int] | None = None, tags: bool = True
) -> Image.Image:
    """A copy of a photo with a box and a label for each person; a small photo is enlarged, so that there is room.

    Labels lie inside the picture and keep off faces and other labels. Where there is no room for tags, a label has the
    person's number only.

    Args:
        rgb: uint8 `(H, W, 3)`.
        records: the photo's; their boxes are in its pixels.
        within: the most that the copy may have in width and height, in pixels.
        tags: whether labels have tags at all, beside the number.
    """
    height, width = rgb.shape[:2]
    scale = _scale(width, height, within)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS) if scale != 1 else Image.fromarray(rgb).copy()
    people = [(record, _scaled(record.box, scale)) for record in records if record.box is not None]
    letter = max(_letter(size, [box for _, box in people]), _LEAST_LETTER if tags else _LEAST_DIGIT)
    font = ImageFont.load_default(letter)
    pen = ImageDraw.Draw(picture, "RGBA")
    for record, box in people:
        _draw_box(pen, box, colour(record.person), letter)
    named = [(record.person, box, _one_line(telling_first(record.tags)) if tags else []) for record, box in people]
    lettering = Lettering(letter, font.getlength)
    for label in place_labels(named, size, lettering):
        _draw_label(pen, label, font, lettering)
    return picture


def _scale(width: int, height: int, within: tuple[int, int] | None) -> float:
    # By a whole number: anything between would blur a photo for little.
    scale = max(min(round(_LEAST_SIDE / math.sqrt(width * height)), 4 * _LEAST_SIDE // max(width, height)), 1)
    return scale if within is None else min(scale, within[0] / width, within[1] / height)


def _letter(size: tuple[int, int], boxes: Sequence[Box]) -> int:
    """The font size in pixels."""
    usual = math.sqrt(size[0] * size[1]) / _SIDE_PER_LETTER
    person = median([y2 - y1 for _, y1, _, y2 in boxes]) if boxes else math.inf
    return round(max(min(usual, person / _PERSON_PER_LETTER), usual / 2))


def _one_line(tags: Sequence[str]) -> list[str]:
    return [" ".join(tag.split()) for tag in tags]


def _scaled(box: Box, scale: float) -> Box:
    x1, y1, x2, y2 = (value * scale for value in box)
    return x1, y1, x2, y2


def _draw_box(pen: ImageDraw.ImageDraw, box: Box, fill: str, letter: int) -> None:
    """A line in the person's colour between two dark ones, to be seen on any ground."""
    line = max(letter // 6, 1)
    edge = (line + 1) // 3
    x1, y1, x2, y2 = box
    pen.rectangle((x1 - edge, y1 - edge, x2 + edge, y2 + edge), outline=_BLACK, width=line + 2 * edge)
    pen.rectangle(box, outline=fill, width=line)


def _draw_label(pen: ImageDraw.ImageDraw, label: Label, font: Any, lettering: Lettering) -> None:
    x1, y1, _, y2 = label.box
    fill = colour(label.person)
    radius = lettering.pad
    pen.rounded_rectangle(label.box, radius, fill=_BACKGROUND if label.lines else fill)
    right = x1 + label.indent
    if label.lines:
        pen.rounded_rectangle((x1, y1, right, y2), radius, fill=fill, corners=(True, False, False, True))
    middle = y1 + (lettering.line + lettering.pad) / 2
    pen.text(((x1 + right) / 2, middle), str(label.person), _text_on(fill), font, anchor="mm")
    for i, line in enumerate(label.lines):
        pen.text((right + lettering.pad, middle + i * lettering.line), line, _WHITE, font, anchor="lm")


def _text_on(fill: str) -> str:
    """Black or white, whichever stands out more."""
    red, green, blue = ImageColor.getrgb(fill)[:3]
    return _BLACK if 0.299 * red + 0.587 * green + 0.114 * blue > 120 else _WHITE
