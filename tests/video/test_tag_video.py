"""Videos beside photos in one run: records, what is kept of them, and what is left out."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from harcli import Tagger
from harcli.photos.find import find_photos
from harcli.results import Seen
from harcli.results.database import Results


def test_one_record_a_track(make_film: Callable, parts: SimpleNamespace) -> None:
    frames = [np.full((64, 96, 3), 40 + 20 * number, np.uint8) for number in range(8)]
    with Tagger(parts.model, parts.detector, min_height=0) as tagger:
        left, right = tagger.tag(make_film("a.mp4", frames, rate=1))
    assert (left.width, left.height, left.person, left.note) == (96, 64, 1, "")
    assert (left.seen, right.seen) == (Seen(1, 0, 7, 0), Seen(2, 0, 7, 0))
    assert left.box == (0.0, 0.0, 48.0, 64.0)
    # All frames count alike here: the mean of their brightness.
    assert left.probabilities is not None
    assert left.probabilities["male"] == pytest.approx((40 + 20 * 3.5) / 255, abs=0.02)


def test_a_system_without_a_desktop(make_film: Callable, harcli: Callable, tiny_model: Path, tmp_path: Path) -> None:
    """OpenCV, which `trackers` brings, asks for libraries that containers lack."""
    make_film("a.mp4", [np.full((64, 96, 3), 40, np.uint8)], rate=1)
    (tmp_path / "lacking").mkdir()
    (tmp_path / "lacking" / "cv2.py").write_text("raise ImportError('libxcb.so.1: cannot open shared object file')")
    paths = os.pathsep.join(filter(None, (str(tmp_path / "lacking"), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": paths, "COLUMNS": "400"}
    done = harcli("tag", "a.mp4", "--no-detect", "--model", tiny_model, "--out", "o.csv", "-q", env=environment)
    said = "trackers cannot be loaded (libxcb.so.1: cannot open shared object file); on a system without a desktop: pip"
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"harcli: videos: {said}" in done.stderr
    told = harcli("doctor", env=environment)
    assert told.returncode == 1
    assert "libxcb.so.1" in told.stdout
    assert "pip install opencv-python-headless" in told.stdout


def test_near_and_sure_sightings_count_more(parts: SimpleNamespace) -> None:
    pytest.importorskip("trackers", reason="videos need the extra: pip install '.[video]'")
    from harcli.video.tracks import Tracks

    tracks = Tracks(1)
    tracks.add(0.0, [(0.0, 0.0, 10.0, 10.0)], [0.5], [np.float32([0.0])])
    tracks.add(1.0, [(0.0, 0.0, 10.0, 30.0)], [0.9], [np.float32([1.0])])
    tracks.add(2.5, [(0.0, 0.0, 10.0, 10.0)], [0.8], [np.float32([0.5])])
    [(box, score, row, seen)] = tracks.people()
    assert (box, score, seen) == ((0.0, 0.0, 10.0, 30.0), 0.9, Seen(1, 0.0, 2.5, 1.0))
    assert row == pytest.approx([(50 * 0 + 270 * 1 + 80 * 0.5) / 400])


def test_who_comes_back_soon_is_the_same_and_who_walks_too() -> None:
    pytest.importorskip("trackers", reason="videos need the extra: pip install '.[video]'")
    from harcli.video.tracks import Tracks

    tracks = Tracks(1)
    stroll = {time: (60.0 * time, 100.0, 60.0 * time + 50, 250.0) for time in range(6)}  # beside the last box
    stands = (600.0, 100.0, 660.0, 280.0)
    for time, box in stroll.items():
        boxes = [box] if time in (2, 3) else [stands, box]
        tracks.add(float(time), boxes, [0.9] * len(boxes), [np.float32([0.5])] * len(boxes))
    assert [(seen.start, seen.end) for *_, seen in tracks.people()] == [(0, 5), (0, 5)]


def test_photos_and_videos_in_order_and_kept(
    make_film: Callable,
    parts: SimpleNamespace,
    tmp_path: Path,
    store: Path,
) -> None:
    folder = tmp_path / "mixed"
    frames = [np.full((64, 96, 3), 90, np.uint8)] * 3
    for number in (2, 3, 5, 6):
        make_film(f"mixed/{number}.mp4", frames + frames[:1] * number, rate=1)
    for number in (1, 4):
        Image.new("RGB", (64, 48), (number * 20, 0, 0)).save(folder / f"{number}.jpg")
    with Tagger(parts.model, parts.detector, store=store) as tagger:
        first = list(tagger.tag_each(folder))
        assert tagger.computed == 6
    assert [Path(records[0].path).name[0] for records in first] == ["1", "2", "3", "4", "5", "6"]
    looked_at = parts.detector.photos
    with Tagger(parts.model, parts.detector, store=store) as tagger:
        assert list(tagger.tag_each(folder)) == first
        assert tagger.computed == 0
    assert parts.detector.photos == looked_at
    with Tagger(parts.model, parts.detector, store=store, fps=0.5) as tagger:
        other = list(tagger.tag_each(folder))
        assert tagger.computed == 4
    assert other[2][0].seen != first[2][0].seen


def test_a_limit_on_megapixels_holds_for_known_videos_too(
    make_film: Callable, parts: SimpleNamespace, store: Path
) -> None:
    path = make_film("a.mp4", [np.full((64, 96, 3), 90, np.uint8)] * 3, rate=1)
    with Tagger(parts.model, parts.detector, store=store) as tagger:
        assert not any(record.error for record in tagger.tag(path))
    with Tagger(parts.model, parts.detector, store=store, max_megapixels=0.001) as tagger:
        [record] = tagger.tag(path)
    assert "more than 0.001 megapixels" in record.error


def test_the_command_follows_people(
    harcli: Callable, make_film: Callable, pan: Callable, tmp_path: Path, rows: Callable
) -> None:
    make_film("clips/bus.mp4", pan(41))
    shutil.copy(tmp_path / "clips" / "bus.mp4", tmp_path / "clips" / "again.MOV")
    outs = ("--out", "a.csv", "--out", "a.json", "--out", "a.db", "--save-crops", "people", "--min-height", "0")
    done = harcli("tag", "clips", *outs)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert re.search(r"^\W*videos\W+2\W*$", done.stderr, re.MULTILINE)
    assert " photos " not in done.stderr
    assert "videos/s" in done.stderr or "s for each video" in done.stderr
    table = rows(tmp_path / "a.csv")
    whole = [row for row in table if row["path"].endswith("bus.mp4") and row["time_start"] == "0.00"]
    assert len([row for row in whole if row["time_end"] == "4.00"]) >= 2, "the two in the middle stay in the picture"
    for row in table:
        assert (row["width"], row["height"], row["error"]) == ("480", "640", "")
        assert 0 <= float(row["time_start"]) <= float(row["time_best"]) <= float(row["time_end"]) <= 4.1
    numbers = [int(row["track"]) for row in table if row["path"].endswith("bus.mp4")]
    assert numbers == list(range(1, len(numbers) + 1))
    records = json.loads((tmp_path / "a.json").read_text())["records"]
    assert [record["time_best"] for record in records] == [float(row["time_best"]) for row in table]
    with Results(tmp_path / "a.db") as results:
        assert [record.seen and record.seen.track for record in results.records()] == [int(r["track"]) for r in table]
    assert len(list((tmp_path / "people").rglob("*.jpg"))) == len(table)


@pytest.mark.parametrize("named", [False, True])
def test_without_the_extra(
    parts: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"video")
    for module in ("harcli.tagging.videos", "harcli.tagging.tagger"):
        monkeypatch.setattr(f"{module}.video_installed", lambda: False)
    with Tagger(parts.model, parts.detector) as tagger:
        records = tagger.tag(tmp_path / "clip.mp4" if named else tmp_path)
    assert [record.error for record in records] == [
        "video needs an extra: pip install 'harcli[video]' (in a clone: '.[video]')"
    ] * named
    assert find_photos([tmp_path]).left_out == {"videos": {".mp4": 1}}


def test_live_photos_count_once(tmp_path: Path) -> None:
    apple = b"....com.apple.quicktime.content.identifier...."
    files = {
        **{
            "IMG_1.HEIC": b"",
            "IMG_1.MOV": b"",
            "IMG_2.JPG": b"",
            "IMG_2.MOV": apple,
            "IMG_3.jpg": b"",
            "IMG_3.mov": b"",
        },
        **{"IMG_4.MOV": apple, "IMG_5.HEIC": b"", "IMG_5.mp4": b"", "sub/IMG_1.MOV": b""},
    }
    (tmp_path / "sub").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    found = find_photos([tmp_path], videos=True)
    gone = files.keys() - {path.relative_to(tmp_path).as_posix() for path in found.photos}
    assert gone == {"IMG_1.MOV", "IMG_2.MOV"}
    assert found.left_out == {"videos of Live Photos": {".mov": 2}}
    assert len(find_photos([tmp_path], videos=True, live_videos=True).photos) == len(files)
    # Where the photo is not wanted, its video is all there is.
    assert tmp_path / "IMG_1.MOV" in find_photos([tmp_path], ["*.HEIC"], videos=True).photos
    assert tmp_path / "IMG_1.MOV" in find_photos([tmp_path, tmp_path / "IMG_1.MOV"], videos=True).photos


def test_damaged_and_silent_ones_have_a_record(parts: SimpleNamespace, tmp_path: Path) -> None:
    pytest.importorskip("trackers", reason="videos need the extra: pip install '.[video]'")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "noise.webm").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "folder.avi").mkdir()
    (tmp_path / "folder.avi" / "letter.mkv").write_text("dear all")
    with Tagger(parts.model, parts.detector) as tagger:
        records = tagger.tag(tmp_path)
    assert [record.error.split(" (")[0] for record in records] == [
        *("the file is empty", "damaged, or not a video that can be read", "damaged, or not a video that can be read")
    ]


def test_what_changes_meanwhile_is_said(
    make_film: Callable,
    parts: SimpleNamespace,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = make_film("a.mp4", [np.full((64, 96, 3), 90, np.uint8)] * 3, rate=1)
    detect = parts.detector.detect

    def meddling(images: list) -> list:
        with path.open("ab") as file:
            file.write(b"more")
        return detect(images)  # type: ignore[no-any-return]

    monkeypatch.setattr(parts.detector, "detect", meddling)
    with Tagger(parts.model, parts.detector, store=store) as tagger:
        assert {record.note.split(";")[0] for record in tagger.tag(path)} == {"changed while it was looked at"}


@pytest.mark.parametrize("command", ["show", "explain"])
def test_what_takes_photos_only_says_so(harcli: Callable, tmp_path: Path, command: str) -> None:
    (tmp_path / "a.mp4").touch()
    done = harcli(command, "a.mp4", *(("--no-detect",) if command == "show" else ()))
    assert done.returncode == 1
    assert done.stderr == "harcli: a.mp4: a video; tag it into a .db file, and `harcli report` shows its people\n"
