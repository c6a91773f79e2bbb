"""Stages that work at the same time, with a bounded queue between any two; all queueing of a run is here.

    flow = Flow()
    found = flow.stage("detect", batches(photos), detect, threads=2)
    for each in flow.stage("keep", found, keep):
        ...

A stage is an iterator: it gives what its function makes of each item, in the order of the items, whichever is done
first. What lies between two stages, making batches for example, is a plain generator over the one before; the threads
of the one after run it, one at a time. An error comes out where the item's result would have come.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")

_LOOK = 0.1  # seconds: on Windows, Ctrl-C does not end a wait without end


class Stopped(BaseException):
    """Nothing is wanted any more. It is no error of anything, so that nobody takes it for one."""


class Flow:
    """The stages of one run, which stop together."""

    def __init__(self) -> None:
        self._stages: list[Stage[Any, Any]] = []
        self._over = threading.Event()
        # Python must not end while a thread is inside of a network: C++ does not survive that.
        atexit.register(self.stop)

    @property
    def stopped(self) -> bool:
        """Whether nothing is wanted any more; what waits for something is to raise `Stopped`."""
        return self._over.is_set()

    def stage(
        self, name: str, items: Iterable[A], work: Callable[[A], B], *, threads: int = 1, ahead: int = 2
    ) -> Stage[A, B]:
        """Begin to work on the items.

        Args:
            name: of its threads.
            items: are asked for in one thread at a time.
            work: is called in `threads` threads.
            ahead: items that may be begun, or done and not taken yet, beyond one for each thread.
        """
        stage = Stage(self, name, iter(items), work, threads, threads + ahead)
        self._stages.append(stage)
        return stage

    def stop(self, patience: float | None = None) -> None:
        """Drop what has not begun, and wait for the rest; nothing that is given on depends on it.

        Args:
            patience: seconds to wait at most; what is left is waited for when Python ends. None: to the end.
        """
        self._over.set()
        for stage in self._stages:
            stage.wake()
        end = None if patience is None else time.monotonic() + patience
        if all(stage.join(end) for stage in self._stages):
            atexit.unregister(self.stop)


class Stage(Generic[A, B]):
    """One stage; made by `Flow.stage`."""

    def __init__(
        self, flow: Flow, name: str, items: Iterator[A], work: Callable[[A], B], threads: int, room: int
    ) -> None:
        self._flow, self._items, self._work, self._room = flow, items, work, room
        self._asking = threading.Lock()
        self._changed = threading.Condition()
        self._results: dict[int, B | _Failed] = {}
        self._begun = self._given = 0
        self._over = False  # no more items come
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[B]:
        return self

    def __next__(self) -> B:
        return self._take(1)[0]

    def bunches(self) -> Iterator[list[B]]:
        """The results several at a time: at least one, and with it all that are ready."""
        while True:
            try:
                yield self._take(self._room)
            except StopIteration:
                return

    def wake(self) -> None:
        """Let whoever waits here see that the flow has stopped."""
        with self._changed:
            self._changed.notify_all()

    def join(self, end: float | None = None) -> bool:
        """Wait for what has begun, until a time of `time.monotonic`; whether all has ended."""
        if threading.current_thread() in self._threads:
            return True
        for thread in self._threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _take(self, most: int) -> list[B]:
        with self._changed:
            while self._given not in self._results:
                if self._flow.stopped:
                    raise Stopped
                if self._over and self._given == self._begun:
                    raise StopIteration
                self._changed.wait(_LOOK)
            taken: list[B] = []
            while len(taken) < most and self._given in self._results:
                result = self._results[self._given]
                if isinstance(result, _Failed):
                    if taken:
                        break  # it comes next
                    raise result.error
                taken.append(result)
                del self._results[self._given]
                self._given += 1
            self._changed.notify_all()
            return taken

    def _run(self) -> None:
        while (begun := self._begin()) is not None:
            number, item = begun
            del begun
            result: B | _Failed
            try:
                result = self._work(item)
            except BaseException as error:
                result = _Failed(error)
            del item  # photos are large, and the next one may be long in coming
            with self._changed:
                self._results[number] = result
                self._changed.notify_all()
            del result

    def _begin(self) -> tuple[int, A] | None:
        """The next item with its number, as soon as there is room; None if no more come."""
        with self._asking:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._over or self._flow.stopped or self._begun - self._given < self._room
                )
            if self._over:
                return None
            try:
                if self._flow.stopped:
                    raise Stopped
                item = next(self._items)
            except (StopIteration, Stopped):
                self._end()
                return None
            except BaseException as error:
                self._end(_Failed(error))
                return None
            self._begun += 1
            return self._begun - 1, item

    def _end(self, failed: _Failed | None = None) -> None:
        """No more items come; the last thing that does may be an error. Generators give back what they hold."""
        if (close := getattr(self._items, "close", None)) is not None:
            close()
        with self._changed:
            if failed is not None:
                self._results[self._begun] = failed
                self._begun += 1
            self._over = True
            self._changed.notify_all()


class _Failed:
    """The place of a result that did not come."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
