"""Where labels of people go in a picture: beside faces and one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harcli.results import Box

_NARROW, _USUAL, _WIDE = 7.0, 11.0, 22.0  # a label's text, in font sizes
_HEAD = 0.25  # of a person's height

# What covering one pixel costs.
_LABEL, _FACE, _PERSON = 8.0, 4.0, 1.0

_MOST_HIDDEN = 0.2
"""The share of another person that a label with tags may hide; where there is no such place the number must do."""


@dataclass(frozen=True, slots=True)
class Label:
    """A person's number, and right of it lines of tags.

    Attributes:
        person: the number.
        lines: none where there is no room for tags.
        box: `(x1, y1, x2, y2)` in the picture.
        indent: the width of the number's part, in pixels.
    """

    person: int
    lines: tuple[str, ...]
    box: Box
    indent: float


@dataclass(frozen=True, slots=True)
class Lettering:
    """How text is set, in pixels.

    Attributes:
        size: of the font.
        measure: the width of a text.
    """

    size: float
    measure: Callable[[str], float]

    @property
    def pad(self) -> float:
        """Between text and the label's edge."""
        return 0.4 * self.size

    @property
    def line(self) -> float:
        """From one line of text to the next."""
        return 1.3 * self.size


def place_labels(
    people: Sequence[tuple[int, Box, Sequence[str]]], size: tuple[int, int], lettering: Lettering
) -> list[Label]:
    """A label for each person, inside the picture. The largest people choose first.

    Args:
        people: number, box in the picture, and tags of each.
        size: `(width, height)` of the picture.
    """
    placed: list[Label] = []
    boxes = [box for _, box, _ in people]
    for person, box, tags in sorted(people, key=lambda each: -_area(each[1])):
        taken = [label.box for label in placed]
        others = [other for other in boxes if other is not box]
        with_tags = [label for label in _labels(person, box, tags, size, lettering) if _fits(label.box, taken, others)]
        choice = with_tags or list(_labels(person, box, (), size, lettering))
        placed.append(min(choice, key=lambda label: _cost(label.box, box, taken, boxes)))
    return placed


def _labels(person: int, box: Box, tags: Sequence[str], size: tuple[int, int], lettering: Lettering) -> Iterator[Label]:
    """In several widths, at several places; those with tags only if they fit into the picture."""
    indent = lettering.measure(str(person)) + 2 * lettering.pad
    person_wide = (box[2] - box[0] - indent - 2 * lettering.pad) / lettering.size
    widths = [width * lettering.size for width in (min(max(person_wide, _USUAL), _WIDE), _USUAL, _NARROW)]
    for lines in dict.fromkeys(wrap(tags, width, lettering) for width in widths):
        text = max(map(lettering.measure, lines), default=0.0)
        width = indent + (text + 2 * lettering.pad if lines else 0.0)
        height = max(len(lines), 1) * lettering.line + lettering.pad
        if not lines or (width <= size[0] and height <= size[1]):
            for x, y in _places(box, width, height):
                x, y = max(min(x, size[0] - width), 0.0), max(min(y, size[1] - height), 0.0)
                yield Label(person, lines, (x, y, x + width, y + height), indent)


def wrap(tags: Sequence[str], width: float, lettering: Lettering) -> tuple[str, ...]:
    """Tags in lines of at most `width`, or of one tag that is wider; a tag is not broken."""
    lines: list[str] = []
    for i, tag in enumerate(tags):
        tag += "," if i < len(tags) - 1 else ""
        longer = f"{lines[-1]} {tag}" if lines else ""
        if longer and lettering.measure(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(tag)
    return tuple(lines)


def _places(box: Box, width: float, height: float) -> Iterator[tuple[float, float]]:
    """Left top corners of a label: above, beside, below and inside the person's box; better ones first."""
    x1, y1, x2, y2 = box
    yield from ((x1, y1 - height), (x2, y1), (x1 - width, y1), (x1, y2), (x2 - width, y1 - height))
    yield from ((x2, y2 - height), (x1 - width, y2 - height), (x2 - width, y2))
    yield from ((x1, y2 - height), (x2 - width, y2 - height), (x1, y1), (x2 - width, y1))
    yield ((x1 + x2 - width) / 2, (y1 + y2 - height) / 2)


def _cost(label: Box, own: Box, labels: Sequence[Box], people: Sequence[Box]) -> float:
    """What the label would hide, and how far it is from its person."""
    hidden = _LABEL * sum(overlap(label, other) for other in labels)
    hidden += _PERSON * sum(overlap(label, person) for person in people)
    hidden += _FACE * sum(overlap(label, _head(person)) for person in people)
    gap = max(own[0] - label[2], label[0] - own[2], 0) + max(own[1] - label[3], label[1] - own[3], 0)
    return hidden + gap * (label[3] - label[1])


def _head(person: Box) -> Box:
    x1, y1, x2, y2 = person
    return x1, y1, x2, y1 + _HEAD * (y2 - y1)


def _fits(label: Box, labels: Sequence[Box], people: Sequence[Box]) -> bool:
    """Whether it covers no other label, and not much of anybody else."""
    return not any(overlap(label, other) for other in labels) and all(
        overlap(label, person) <= _MOST_HIDDEN * _area(person) for person in people
    )


def overlap(a: Box, b: Box) -> float:
    """Pixels that two boxes share."""
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
