"""Who is who from frame to frame: ByteTrack of the package `trackers`, set for few frames a second.

At one frame a second somebody who walks is beside their last box, not in it. Boxes count as overlapping when they do
with their own width and height added on each side (BIoU), everybody the detector reports may begin a track, and whoever
is gone is waited for three seconds. `benchmarks/tracks.py` compares this with other settings and trackers.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harcli.errors import HarcliError
from harcli.results import Box

VERSION = 1
"""Raised when the same detections become other tracks."""

_BUFFER = 1.0  # of the box's width and height, on each side
_LEAST = 0.1  # of the overlap by the union
_WAIT = 90  # frames at 30 a second, which is how the package counts


HEADLESS = "pip uninstall -y opencv-python && pip install opencv-python-headless"
"""What helps where the system has no libraries of a desktop: the OpenCV that `trackers` brings asks for them."""


def load() -> Any:
    """The package `trackers`.

    Raises:
        HarcliError: it, or what it needs, cannot be loaded.
    """
    try:
        import trackers
    except ImportError as error:
        raise HarcliError(
            f"videos: trackers cannot be loaded ({error}); on a system without a desktop: {HEADLESS}"
        ) from error
    return trackers


class Tracker:
    """Follows the people of one video."""

    def __init__(self, fps: float) -> None:
        """
        Args:
            fps: frames a second, about; each has its own time.
        """
        trackers = load()
        self._tracker = trackers.ByteTrackTracker(
            frame_rate=fps,
            lost_track_buffer=max(_WAIT, round(2 * 30 / fps)),  # at less than one frame a second, two frames
            minimum_consecutive_frames=1,
            track_activation_threshold=0.0,
            high_conf_det_threshold=0.0,
            minimum_iou_threshold=_LEAST,
            iou=trackers.BIoU(_BUFFER),
        )

    def update(self, time: float, boxes: Sequence[Box], scores: Sequence[float]) -> list[int]:
        """The track of each person in the next frame, a number from 0 on; -1: none.

        Args:
            time: of the frame in seconds, later than that of the one before.
            boxes: of the people, in displayed pixels.
            scores: the detector's, 0..1.
        """
        places = np.array(boxes, np.float64).reshape(-1, 4)
        return [int(track) for track in follow(self._tracker, places, np.array(scores, np.float64), time)]


def follow(
    tracker: Any, boxes: NDArray[np.float64], scores: NDArray[np.float64], time: float
) -> NDArray[np.signedinteger[Any]]:
    """Show a tracker of the package `trackers` the next frame.

    Args:
        boxes: `(N, 4)` xyxy.
        scores: `(N,)`, 0..1.
        time: in seconds.

    Returns:
        The track of each person, `(N,)`; -1: none.
    """
    from supervision import Detections

    given = Detections(xyxy=boxes, confidence=scores, data={"number": np.arange(len(boxes))})
    tracks = np.full(len(boxes), -1)
    # A track gets its number when it goes on: a frame with somebody new is shown a second time.
    for _ in range(2):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*duplicate timestamp", category=UserWarning)
            done = tracker.update(given, timestamp=time)
        if len(done):
            tracks[done.data["number"]] = done.tracker_id
        if (tracks >= 0).all():
            break
    return tracks
