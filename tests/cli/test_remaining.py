"""The remaining time, by a clock that the test turns."""

from __future__ import annotations

import pytest

from harcli.cli.remaining import Remaining


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_bursts_of_a_batch_do_not_move_it() -> None:
    """16 photos come at once every 10 seconds: 1000 take 625 seconds, whenever one looks."""
    clock = Clock()
    remaining = Remaining(1000, clock)
    assert remaining.seconds() is None
    assert str(remaining) == "-:--:--"
    for burst in range(1, 60):
        clock.now += 10
        for photo in range(16):
            remaining.done((burst - 1) * 16 + photo + 1, burst * 16)
            clock.now += 0.001
        assert remaining.seconds() == pytest.approx(625 - burst * 10, abs=7)
    half_way = remaining.seconds()
    clock.now += 5
    assert remaining.seconds() == pytest.approx(half_way - 5), "it runs between bursts"
    clock.now += 1000
    assert remaining.seconds() == 0


def test_known_photos_do_not_promise_speed() -> None:
    """A run that goes on: 5,000 photos are known, and then each takes a second."""
    clock = Clock()
    remaining = Remaining(6000, clock)
    for photo in range(5000):
        clock.now += 0.0001
        remaining.done(photo + 1, 0)
    assert remaining.seconds() < 1
    for photo in range(100):
        clock.now += 1
        remaining.done(5000 + photo + 1, photo + 1)
    assert remaining.seconds() == pytest.approx(900, rel=0.02)


def test_as_a_clock_shows_it() -> None:
    clock = Clock()
    remaining = Remaining(7502, clock)
    clock.now += 2
    remaining.done(2, 2)
    assert str(remaining) == "2:05:00"
    remaining.done(7502, 7502)
    assert str(remaining) == "0:00:00"
