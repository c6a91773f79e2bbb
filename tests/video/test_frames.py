"""Frames of videos of many kinds, as a player shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from harcli.photos.errors import PhotoError
from harcli.photos.limits import STANDARD, Limits
from harcli.video.decode import Frame
from harcli.video.frames import Film

RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)


def read(path: Path, fps: float = 1.0, limits: Limits = STANDARD) -> tuple[list[Frame], str]:
    film = Film(path, limits)
    return list(film.frames(fps)), film.note


def colours(frame: Frame) -> list[tuple[int, ...]]:
    """Of the corners, from the top left by rows; each channel on or off."""
    h, w = frame.pixels.shape[:2]
    points = [(h // 4, w // 4), (h // 4, 3 * w // 4), (3 * h // 4, w // 4), (3 * h // 4, 3 * w // 4)]
    return [
        tuple(255 if value > 200 else 0 if value < 55 else int(value) for value in frame.pixels[at]) for at in points
    ]


@pytest.mark.parametrize("fps", [0.5, 1.0, 4.0])
def test_frames_come_at_their_own_time(make_film: Callable, corners: Callable, fps: float) -> None:
    frames, note = read(make_film("a.mp4", corners(41)), fps)
    assert note == ""
    times = [frame.time for frame in frames]
    assert times == pytest.approx(np.arange(0, 4.01, 1 / fps), abs=0.1)
    assert times[0] == 0
    assert frames[0].pixels.shape == (64, 96, 3)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mov", "libx264", "yuv420p10le"),
        ("a.m4v", "mpeg4", "yuv420p"),
        ("a.mkv", "libx265", "yuv420p10le"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
    ],
)
def test_kinds(make_film: Callable, corners: Callable, name: str, codec: str, pixels: str) -> None:
    [first, *_], note = read(make_film(name, corners(12), codec=codec, pixels=pixels))
    assert (colours(first), note) == ([RED, GREEN, BLUE, BLACK], "")


@pytest.mark.parametrize(
    ("turn", "shown"),
    [
        ({"degrees": 0}, [RED, GREEN, BLUE, BLACK]),
        ({"degrees": 90}, [GREEN, BLACK, RED, BLUE]),  # counterclockwise
        ({"degrees": 180}, [BLACK, BLUE, GREEN, RED]),
        ({"degrees": -90}, [BLUE, RED, BLACK, GREEN]),
        ({"degrees": 0, "hflip": True}, [GREEN, RED, BLACK, BLUE]),
    ],
)
def test_display_matrix(make_film: Callable, corners: Callable, turn: dict, shown: list) -> None:
    path = make_film("a.mp4", corners(12), turn=turn)
    [first, *_], _ = read(path)
    assert colours(first) == shown
    [again] = Film(path, STANDARD).frames_at([first.time])
    assert np.array_equal(again, first.pixels)


def test_pixels_that_are_not_square(make_film: Callable, corners: Callable) -> None:
    [first, *_], _ = read(make_film("a.mp4", corners(12), aspect=Fraction(4, 3)))
    assert first.pixels.shape == (64, 128, 3)


def test_variable_rate(make_film: Callable, corners: Callable) -> None:
    times = [0, 0.1, 0.2, 0.3, 2.7, 2.8, 7.5, 7.6, 8.2]
    frames, note = read(make_film("a.mkv", corners(len(times)), times=times))
    assert [frame.time for frame in frames] == pytest.approx([0, 2.7, 7.5, 8.2], abs=0.01)
    assert note == ""


def test_any_frame_is_found_again(make_film: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, by several threads: with PyAV's log level set, these wait for each other within some seeks."""
    monkeypatch.setattr("harcli.video.frames.thread_count", lambda: 4)
    shades = [np.full((64, 96, 3), 4 * number, np.uint8) for number in range(60)]
    path = make_film("a.mp4", shades, rate=5)
    frames, _ = read(path, fps=1.7)
    assert len(frames) > 15
    frames.reverse()
    frames *= 12
    again = Film(path, replace(STANDARD, seconds=10)).frames_at([frame.time for frame in frames])
    for frame, pixels in zip(frames, again, strict=True):
        assert np.array_equal(pixels, frame.pixels)


def test_cut_off_by_a_full_card(make_film: Callable, pan: Callable) -> None:
    path = make_film("a.mp4", pan(60), movflags="faststart", codec="mpeg4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    frames, note = read(path)
    assert 1 < len(frames) < 6
    assert note.startswith("cut off: ends after 0:0")


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize(
    ("name", "options"), [("a.mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}), ("a.avi", {})]
)
def test_cut_off_where_no_length_is_stated(
    make_film: Callable, pan: Callable, monkeypatch: pytest.MonkeyPatch, name: str, options: dict, threads: int
) -> None:
    monkeypatch.setattr("harcli.video.frames.thread_count", lambda: threads)
    path = make_film(name, pan(60), codec="mpeg4", **options)
    assert read(path)[1] == ""
    whole = path.read_bytes()
    for more in (0, 1, 7, 100, 500, 1000):  # wherever in a frame that is
        path.write_bytes(whole[: len(whole) // 2 + more])
        frames, note = read(path)
        assert 1 < len(frames) < 6
        assert re.fullmatch("cut off: ends after 0:0[1-4]", note)


def test_times_that_begin_late(make_film: Callable, pan: Callable) -> None:
    path = make_film("a.mkv", pan(41), codec="mpeg4", times=[100 + number / 10 for number in range(41)])
    frames, note = read(path)
    assert ([round(frame.time) for frame in frames], note) == ([0, 1, 2, 3, 4], "")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert re.fullmatch("cut off: ends after 0:0[1-3] of 0:04", read(path)[1])


def test_without_an_end_a_recording_is_read(make_film: Callable, corners: Callable) -> None:
    path = make_film("a.mkv", corners(41), live="1")
    frames, note = read(path)
    assert ([round(frame.time) for frame in frames], note) == ([0, 1, 2, 3, 4], "")


def test_index_is_missing(make_film: Callable, corners: Callable) -> None:
    path = make_film("a.mp4", corners(41))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(PhotoError, match="its index is missing: the recording or the copy broke off"):
        read(path)
    path.write_bytes(b"\0\0\0\x08ftyp\0\0\0\x08moov")
    with pytest.raises(PhotoError, match="damaged, or not a video that can be read"):
        read(path)


def test_sound_only(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="videos need the extra: pip install '.[video]'")
    path = tmp_path / "memo.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.rate, frame.pts = 48000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(PhotoError, match="no picture in it, only sound"):
        read(path)


def test_playlist_opens_nothing_else(make_film: Callable, corners: Callable, tmp_path: Path) -> None:
    other = make_film("other.mp4", corners(12))
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{other}\n#EXT-X-ENDLIST\n")
    with pytest.raises(PhotoError, match="not a video"):
        read(playlist)


def test_too_large(make_film: Callable, corners: Callable) -> None:
    with pytest.raises(PhotoError, match=r"more than 0\.001 megapixels"):
        read(make_film("a.mp4", corners(12)), limits=Limits(megapixels=0.001))


def test_nothing_comes_in_time(make_film: Callable, corners: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harcli.video.frames.STARTING", 0.0)
    with pytest.raises(PhotoError, match=r"takes longer than 0.01 s .* --photo-timeout"):
        read(make_film("a.mp4", corners(12)), limits=Limits(seconds=0.01))


def test_bytes_turned_over_in_the_middle(make_film: Callable, pan: Callable) -> None:
    path = make_film("a.mp4", pan(60), codec="mpeg4", movflags="faststart")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40_000] = bytes(40_000)
    path.write_bytes(data)
    frames, note = read(path)
    assert [round(frame.time) for frame in frames][-1] == 5
    assert re.fullmatch("damaged in [0-9]+ places?", note)
