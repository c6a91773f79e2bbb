"""Memory is given out in the order of the photos, and never more than there is."""

from __future__ import annotations

import threading
import time

import pytest

from harcli.photos.memory import Memory, Share
from harcli.runtime.flow import Stopped


def taken(share: Share, count: int) -> threading.Thread:
    """A thread that takes it."""

    def take() -> None:
        try:
            share.take(count)
        except Stopped:
            share.give_back()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread


def holds(share: Share, count: int) -> bool:
    for _ in range(100):
        if share.held == count:
            return True
        time.sleep(0.01)
    return False


def test_later_photos_wait_for_earlier_ones_and_for_room() -> None:
    memory = Memory(100)
    first, second, third = memory.share(), memory.share(), memory.share()
    taken(second, 50)
    taken(third, 50)
    time.sleep(0.05)
    assert second.held == third.held == 0
    assert second.waiting
    taken(first, 60)
    assert holds(first, 60)
    time.sleep(0.05)
    assert second.held == 0  # only 40 are free
    first.keep(30)
    assert holds(second, 50)
    assert third.held == 0
    assert third.waiting
    assert third.seconds == 0
    first.give_back()
    assert holds(third, 50)
    assert third.seconds > 0


def test_a_photo_that_needs_nothing_holds_nobody_up() -> None:
    memory = Memory(100)
    first, second = memory.share(), memory.share()
    first.give_back()
    second.take(100)
    assert second.held == 100


def test_a_photo_that_is_left_alone_gives_all_back_and_takes_no_more() -> None:
    memory = Memory(100)
    first, second = memory.share(), memory.share()
    first.take(100)
    first.leave()
    second.take(100)
    first.keep(70)
    second.give_back()
    memory.share().take(100)
    late = memory.share()
    late.leave()
    with pytest.raises(Stopped):
        late.take(1)


def test_nobody_waits_when_it_is_over() -> None:
    memory = Memory(100)
    memory.share().take(100)
    thread = taken(memory.share(), 1)
    memory.stop()
    thread.join(5)
    assert not thread.is_alive()
