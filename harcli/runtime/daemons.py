"""Threads that the program does not wait for when it ends, unlike those of `concurrent.futures`."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Daemons:
    """A pool of threads. Work begins in the order in which it was given."""

    def __init__(self, count: int, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._count = 0
        for _ in range(count):
            self.add_thread()

    def add_thread(self) -> None:
        """One more, for one that hangs."""
        self._count += 1
        threading.Thread(target=self._run, name=f"{self._name}-{self._count}", daemon=True).start()

    def submit(self, call: Callable[..., T], *arguments: Any) -> Future[T]:
        """What `call(*arguments)` will return or raise."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call(*arguments)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._work.put(work)
        return future

    def stop(self) -> None:
        """Each thread ends when it has done what it is doing; what has not begun must have been cancelled."""
        for _ in range(self._count):
            self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
