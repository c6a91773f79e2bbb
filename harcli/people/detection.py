"""What a person detector is, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Detection:
    """One person in a photo.

    Attributes:
        box: `(x1, y1, x2, y2)` in displayed pixels, inside the photo; x2 and y2 are exclusive edges.
        score: the detector's confidence, 0..1.
    """

    box: tuple[float, float, float, float]
    score: float


class PersonDetector(Protocol):
    """Finds people.

    Attributes:
        name: what to call it in reports.
        provider: what computes it, as `harcli.runtime.active_provider` says.
    """

    name: str
    provider: str

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        """The people of each image, best score first.

        Args:
            images: uint8 `(H, W, 3)` RGB, each of its own size.
        """
        ...


def left_to_right(people: Sequence[Detection]) -> list[Detection]:
    """The people of a photo in the order in which the results number them: 1, 2, ..."""
    return sorted(people, key=lambda person: (person.box, -person.score))
