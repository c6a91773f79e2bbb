"""From a photo to what is drawn of it: find the person, cut the crop, look inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.explain.maps import Map, Maps
from harcli.explain.subject import Subject
from harcli.people.detection import PersonDetector, left_to_right
from harcli.photos.crop import Box, crop
from harcli.photos.guarded import decode_guarded


@dataclass(frozen=True, slots=True)
class Shown:
    """What goes on a sheet.

    Attributes:
        title: which person of which photo.
        subtitle: which model.
        crop: uint8 `(h, w, 3)`, with the margin.
        names: A attribute names.
        chosen: the attributes that are drawn, in this order.
        tagged: the attributes that count as present.
        unsupervised: the mask by a second model that was trained without mask supervision.
    """

    title: str
    subtitle: str
    crop: NDArray[np.uint8]
    maps: Maps
    names: tuple[str, ...]
    chosen: list[int]
    tagged: list[int]
    unsupervised: Map | None = None


def show(
    photo: Path,
    subject: Subject,
    detector: PersonDetector,
    number: int | None = None,
    wanted: Sequence[str] = (),
    top: int = 6,
    unsupervised: Subject | None = None,
) -> Shown:
    """Look at one person of a photo.

    Args:
        number: see `find_person`.
        wanted: names of the attributes to draw; none: the `top` most certain ones.
        unsupervised: a second model, which is given the same crop, at its own input size.

    Raises:
        HarcliError: the photo cannot be read, there is no such person, or the model has no such attribute.
    """
    rgb, _ = decode_guarded(photo)
    box, which = find_person(photo, rgb, detector, number)
    pixels = crop(rgb, box, subject.margin)
    maps = subject.look(pixels)
    return Shown(
        title=photo.name.encode("utf-8", "replace").decode() + which,
        subtitle=subject.title,
        crop=pixels,
        maps=maps,
        names=subject.names,
        chosen=subject.indices(wanted) or subject.most_certain(maps.probabilities, top),
        tagged=subject.tagged(maps.probabilities),
        unsupervised=unsupervised.look(pixels).mask if unsupervised is not None else None,
    )


def find_person(photo: Path, rgb: NDArray[np.uint8], detector: PersonDetector, number: int | None) -> tuple[Box, str]:
    """The box of person `number` from the left, as `harcli tag` counts; None: of the one with the largest box.

    Args:
        photo: for messages.
        rgb: its pixels, uint8 `(H, W, 3)`.

    Returns:
        the box, and which person it is in words, empty where there is one only.

    Raises:
        HarcliError: there is no such person.
    """
    people = left_to_right(detector.detect([rgb])[0])
    if not people:
        raise HarcliError(f"{photo}: no person found; --no-detect takes the whole image as one")
    if number is None:
        areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (person.box for person in people)]
        number = int(np.argmax(areas)) + 1
    if number > len(people):
        found = "one person was" if len(people) == 1 else f"{len(people)} people were"
        raise HarcliError(f"{photo}: there is no person {number}; {found} found, numbered from left to right")
    return people[number - 1].box, f", person {number} of {len(people)}" if len(people) > 1 else ""
