"""Which tracker keeps people apart at few frames a second: `python benchmarks/tracks.py --data DIR [--fps 1 2 5]`.

Makes clips out of COCO128's photos: people who were cut out of some stand, stroll and walk across another one, while
the camera pans; they pass behind one another. Who is cut out follows from COCO's boxes, so that the clips stay the same
whatever the detector finds. harcli's detector looks at the frames, so that people are missed and seen twice as in life;
then each tracker says who is who. A clip and its people follow from `--seed` alone.

Prints for each tracker and frame rate, all clips together: identity switches (a person's track becomes another one),
IDF1 (the share of sightings under a person's main track and no other's), tracks for each person (1 is best), and
milliseconds a frame. supervision had its own ByteTrack up to version 0.26, which is measured too where its folder is
named by `--supervision`: `pip install --target DIR --no-deps supervision==0.26.1`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from clips import FASTEST, PEOPLE, SECONDS, clip, cut_people, labelled
from numpy.typing import NDArray

from harcli.people import load_detector
from harcli.people.nms import iou
from harcli.photos.decode import decode
from harcli.video.tracker import Tracker, follow

Update = Callable[[NDArray[Any], NDArray[Any], float], NDArray[Any]]
"""Boxes `(N, 4)`, scores `(N,)` and the time to a track for each; -1: none."""


@dataclass(frozen=True)
class Sighting:
    """What there is in one frame: true boxes of visible people with their numbers, and detections."""

    time: float
    people: NDArray[Any]
    boxes: NDArray[Any]
    found: NDArray[Any]
    scores: NDArray[Any]


def look(detector: Any, frames: Iterator[tuple[float, Any, Any, Any]]) -> list[Sighting]:
    """All frames with what the detector finds."""
    seen = []
    for t, pixels, boxes, people in frames:
        [found] = detector.detect([pixels])
        scores = np.array([one.score for one in found])
        seen.append(Sighting(t, people, boxes, np.array([one.box for one in found]).reshape(-1, 4), scores))
    return seen


def by_trackers(make: Callable[[float], Any]) -> Callable[[float], Update]:
    """A tracker of the package `trackers`, shown the frames as harcli's own is."""

    def start(fps: float) -> Update:
        return partial(follow, make(fps))

    return start


def by_supervision(folder: Path) -> Callable[[float], Update]:
    """The ByteTrack that supervision had."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "supervision"]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    old = importlib.import_module("supervision")

    def start(fps: float) -> Update:
        tracker = old.ByteTrack(0.25, 30, 0.9, max(1, round(fps)))

        def update(boxes: NDArray[Any], scores: NDArray[Any], t: float) -> NDArray[Any]:
            given = old.Detections(xyxy=boxes, confidence=scores, data={"number": np.arange(len(boxes))})
            tracks = np.full(len(boxes), -1)
            if len(boxes):
                done = tracker.update_with_detections(given)
                tracks[done.data.get("number", np.zeros(0, int))] = done.tracker_id
            return tracks

        return update

    return start


def candidates() -> dict[str, Callable[[float], Update]]:
    """By name, harcli's and others of the package `trackers`: as they come, and with what a low frame rate asks for."""
    import trackers as t

    def every(fps: float) -> dict[str, Any]:
        # Whoever the detector is sure enough of is somebody; and is waited for three seconds.
        waits = {"frame_rate": fps, "lost_track_buffer": 90, "minimum_consecutive_frames": 1}
        return {**waits, "track_activation_threshold": 0.0, "high_conf_det_threshold": 0.0}

    def own(fps: float) -> Update:
        tracker = Tracker(fps)
        return lambda boxes, scores, time: np.array(tracker.update(time, [*map(tuple, boxes)], scores.tolist()), int)

    def byte(fps: float, iou: Any) -> Any:
        return t.ByteTrackTracker(**every(fps), minimum_iou_threshold=0.1, iou=iou)

    return {
        "harcli: ByteTrack, everybody, boxes grown by 1.0": own,
        "ByteTrack, everybody, boxes grown by 1.5": by_trackers(lambda fps: byte(fps, t.BIoU(1.5))),
        "ByteTrack, everybody, boxes grown by 0.5": by_trackers(lambda fps: byte(fps, t.BIoU(0.5))),
        "ByteTrack, everybody": by_trackers(lambda fps: byte(fps, t.IoU())),
        "ByteTrack, as it comes": by_trackers(lambda fps: t.ByteTrackTracker(frame_rate=fps)),
        "C-BIoU, everybody": by_trackers(lambda fps: t.CBIoUTracker(**every(fps))),
        "OC-SORT, as it comes": by_trackers(lambda fps: t.OCSORTTracker(frame_rate=fps)),
        "SORT, as it comes": by_trackers(lambda fps: t.SORTTracker(frame_rate=fps)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds coco128/")
    parser.add_argument("--fps", type=float, nargs="+", default=[1.0, 2.0, 5.0])
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--supervision", type=Path, help="folder with supervision 0.26, for its ByteTrack")
    wanted = parser.parse_args()
    detector = load_detector(None, provider="cpu")
    photos = labelled(wanted.data)
    people = cut_people(photos, wanted.clips * PEOPLE)
    if len(people) < wanted.clips * PEOPLE:
        parser.error(f"only {len(people)} large people in {wanted.data}/coco128; {PEOPLE} a clip are needed")
    empty = [path for path, known in photos if not len(known)]
    clips = []
    for number, path in zip(range(wanted.clips), empty, strict=False):
        cast = people[number * PEOPLE : (number + 1) * PEOPLE]
        clips.append(look(detector, clip(decode(path), cast, wanted.seed + number)))
    sightings = sum(len(one.people) for seen in clips for one in seen)
    found = sum(len(one.found) for seen in clips for one in seen)
    print(f"{len(clips)} clips of {SECONDS} s, {PEOPLE} people each; {sightings} sightings, {found} detections")
    makers = candidates()
    if wanted.supervision:
        from trackers import eval as _  # noqa: F401  (before the older supervision takes the name)

        makers["supervision 0.26 ByteTrack"] = by_supervision(wanted.supervision)
    print("| tracker | " + " | ".join(f"{fps:g} fps: switches, IDF1, tracks a person, ms" for fps in wanted.fps) + " |")
    print("|---|" + "---|" * len(wanted.fps))
    for name, make in makers.items():
        cells = [measure(make, clips, fps) for fps in wanted.fps]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def measure(make: Callable[[float], Update], clips: list[list[Sighting]], fps: float) -> str:
    """One tracker at one frame rate, over all clips."""
    from trackers.eval.clear import compute_clear_metrics
    from trackers.eval.identity import compute_identity_metrics

    switches, right, wrong, tracks_of, ms = 0, 0, 0, [], []
    for seen in clips:
        update = make(fps)
        truth, given, alike = [], [], []
        owners: dict[int, set[int]] = {}
        for one in seen[:: round(FASTEST / fps)]:
            start = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                ids = update(one.found, one.scores, one.time)
            ms.append(1000 * (time.perf_counter() - start))
            own = ids.copy()  # nobody is lost: without a track, somebody is one alone
            own[ids < 0] = 100_000 + len(ms) * 100 + np.arange((ids < 0).sum())
            overlap = iou(one.boxes, one.found)
            truth.append(one.people)
            given.append(own)
            alike.append(overlap)
            for row, person in zip(overlap, one.people, strict=True):
                if len(row) and row.max() >= 0.5:
                    owners.setdefault(int(person), set()).add(int(own[row.argmax()]))
        switches += compute_clear_metrics(truth, given, alike)["IDSW"]
        kept = compute_identity_metrics(truth, given, alike)
        right += 2 * kept["IDTP"]
        wrong += kept["IDFP"] + kept["IDFN"]
        tracks_of += [len(tracks) for tracks in owners.values()]
    return f"{switches}, {right / (right + wrong):.2f}, {np.mean(tracks_of):.1f}, {np.mean(ms):.1f}"


if __name__ == "__main__":
    main()
