"""What is known of each person of a video, gathered frame by frame: it grows with the people, not with the length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harcli.results import Box, Seen
from harcli.video.tracker import Tracker


@dataclass(slots=True)
class _Track:
    start: float
    end: float
    best: float
    weight: float
    box: Box
    score: float
    total: float
    sums: NDArray[np.float64]


class Tracks:
    """The people of one video.

    A sighting counts by the detector's score times the box's area: somebody near and whole says more of their clothes
    than somebody far or half hidden. The one that counts most is the best, whose box and score stand for the track.
    """

    def __init__(self, fps: float) -> None:
        """
        Args:
            fps: frames a second.
        """
        self._tracker = Tracker(fps)
        self._tracks: dict[int, _Track] = {}
        self._alone = -1  # the number of a person whom the tracker gives none

    def add(
        self, time: float, boxes: Sequence[Box], scores: Sequence[float], rows: Sequence[NDArray[np.float32]]
    ) -> None:
        """Take the people of the next frame.

        Args:
            time: in seconds, later than that of the frame before.
            boxes: in displayed pixels.
            scores: the detector's, 0..1.
            rows: probabilities of each person, float32 `(A,)`.
        """
        numbers = self._tracker.update(time, boxes, scores)
        for number, box, score, row in zip(numbers, boxes, scores, rows, strict=True):
            weight = score * max((box[2] - box[0]) * (box[3] - box[1]), 1.0)
            if number < 0:
                number, self._alone = self._alone, self._alone - 1
            track = self._tracks.get(number)
            if track is None:
                self._tracks[number] = _Track(time, time, time, weight, box, score, weight, weight * row.astype(float))
                continue
            track.end = time
            track.total += weight
            track.sums += weight * row
            if weight > track.weight:
                track.weight, track.best, track.box, track.score = weight, time, box, score

    def people(self) -> list[tuple[Box, float, NDArray[np.float32], Seen]]:
        """Box, score, probabilities (float32 `(A,)`) and times of each track, in the order of appearing."""
        ordered = sorted(self._tracks.values(), key=lambda track: (track.start, track.box))
        return [
            (one.box, one.score, (one.sums / one.total).astype(np.float32), Seen(number, one.start, one.end, one.best))
            for number, one in enumerate(ordered, start=1)
        ]
