"""Photos on their way from detection to recognition, and batches of people taken out of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harcli.tagging.finding import Finding, Person
from harcli.tagging.reader import Photo, Pixels

if TYPE_CHECKING:
    from harcli.people import Detection

_PHOTOS_WAITING = 64
"""Photos that wait for a full batch of people, at most; where people are rare, results still come."""


@dataclass(slots=True)
class Pending:
    """A photo whose people are found, their attributes perhaps not yet.

    Attributes:
        size: `(width, height)`; None if there are no pixels to look at.
        people: from left to right.
        crops: of each, as the model wants to see it; None when it has been recognised.
        rows: by the number of the person, from 0 on: float32 `(A,)`, when it has been recognised.
    """

    photo: Photo
    size: tuple[int, int] | None = None
    people: list[Detection] = field(default_factory=list)
    crops: list[Pixels | None] = field(default_factory=list)
    rows: dict[int, NDArray[np.float32]] = field(default_factory=dict)

    def finding(self) -> Finding:
        """What was found, when all are recognised."""
        people = (Person(one.box, one.score, self.rows[number]) for number, one in enumerate(self.people))
        return Finding(self.size, tuple(people), note=self.photo.note)


@dataclass(frozen=True, slots=True)
class Bunch:
    """People to be recognised together.

    Attributes:
        people: a photo and the number of the person in it, from 0 on.
        done: the photos that are complete with this bunch and those before it, in order.
    """

    people: list[tuple[Pending, int]]
    done: list[Pending]


def bunches(detected: Iterable[list[Pending]], size: int) -> Iterator[Bunch]:
    """People in full bunches of `size`, of as many photos as it takes; fewer at the end, where people are rare, and
    where an empty list says that no more photos come for now."""
    waiting: deque[Pending] = deque()
    people: list[tuple[Pending, int]] = []
    for photos in detected:
        waiting.extend(photos)
        people += [(photo, number) for photo in photos for number in range(len(photo.people))]
        while len(people) >= size or len(waiting) >= _PHOTOS_WAITING or (waiting and not photos):
            now, people = people[:size], people[size:]
            yield Bunch(now, _complete(waiting, people))
    while waiting:
        now, people = people[:size], people[size:]
        yield Bunch(now, _complete(waiting, people))


def _complete(waiting: deque[Pending], people: list[tuple[Pending, int]]) -> list[Pending]:
    """Take out the photos before the first one that still has people to be recognised."""
    next_one = people[0][0] if people else None
    done = []
    while waiting and waiting[0] is not next_one:
        done.append(waiting.popleft())
    return done
