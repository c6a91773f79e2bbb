"""Stages overlap, keep the order, hold little, and stop."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from harcli.runtime.flow import Flow, Stopped

LONG = 20.0  # seconds; nothing here takes as long unless it hangs


@pytest.fixture
def flow() -> Iterator[Flow]:
    made = Flow()
    yield made
    made.stop()


def test_results_come_in_the_order_of_the_items_whichever_is_done_first(flow: Flow) -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 / (number + 1))
        return number * number

    assert list(flow.stage("square", range(40), slow_first, threads=4)) == [n * n for n in range(40)]


def test_stages_are_at_work_at_the_same_time(flow: Flow) -> None:
    both = threading.Barrier(2)

    def first(number: int) -> int:
        if number == 1:
            both.wait(LONG)
        return number

    def second(number: int) -> int:
        if number == 0:
            both.wait(LONG)
        return number

    assert list(flow.stage("second", flow.stage("first", range(5), first), second)) == list(range(5))


def test_the_threads_of_a_stage_are_at_work_at_the_same_time(flow: Flow) -> None:
    both = threading.Barrier(2)
    stage = flow.stage("both", range(2), lambda _: both.wait(LONG), threads=2)
    assert sorted(stage) == [0, 1]


def test_no_more_is_begun_than_there_is_room_for(flow: Flow) -> None:
    begun: list[int] = []
    stage = flow.stage("work", range(100), begun.append, threads=2, ahead=3)
    most = 0
    for given in range(100):
        time.sleep(0.002)
        most = max(most, len(begun) - given)
        next(stage)
    assert most == 5


def test_what_is_ready_comes_at_once(flow: Flow) -> None:
    sure = threading.Event()

    def work(number: int) -> int:
        if number == 3:
            sure.wait(LONG)
        return number

    stage = flow.stage("work", range(5), work, ahead=4)
    while len(stage._results) < 3:
        time.sleep(0.01)
    bunches = stage.bunches()
    assert next(bunches) == [0, 1, 2]
    sure.set()
    assert [number for bunch in bunches for number in bunch] == [3, 4]


def test_an_error_comes_in_the_place_of_its_result(flow: Flow) -> None:
    def work(number: int) -> int:
        if number == 3:
            raise KeyError("three")
        return number

    given: list[int] = []
    with pytest.raises(KeyError, match="three"):
        for number in flow.stage("after", flow.stage("work", range(9), work, threads=3), lambda number: number):
            given.append(number)
    assert given == [0, 1, 2]


def test_an_error_of_the_items_comes_after_those_before_it(flow: Flow) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("no more")

    given: list[int] = []
    with pytest.raises(OSError, match="no more"):
        list(flow.stage("work", items(), given.append))
    assert given == [1]


def test_stop_ends_all_threads_and_closes_what_gives_the_items() -> None:
    closed = threading.Event()
    flow = Flow()

    def items() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield (number := number + 1)
        finally:
            closed.set()

    last = flow.stage("b", flow.stage("a", items(), lambda number: number, threads=2), lambda number: number)
    assert next(last) == 1
    flow.stop()
    assert closed.is_set()
    assert not any(thread.is_alive() for stage in flow._stages for thread in stage._threads)
    with pytest.raises(Stopped):
        while True:
            next(last)


@pytest.mark.parametrize("stop", ["", "stage._flow.stop(0.05); print('not waited', flush=True)\n"])
def test_python_does_not_end_while_a_stage_is_at_work(stop: str) -> None:
    code = (
        "import time; from harcli.runtime.flow import Flow\n"
        "def work(number): time.sleep(1.5); print('over', number, flush=True)\n"
        "stage = Flow().stage('work', range(1), work)\n"
        "time.sleep(0.1)\n" + stop
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    said = "not waited\nover 0\n" if stop else "over 0\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
