"""Photos that come one at a time, from many who wait for them, looked at together: those of the moment are a batch."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from harcli.photos.apart import too_long
from harcli.photos.memory import Memory
from harcli.results import Record
from harcli.runtime.daemons import Daemons
from harcli.runtime.flow import Flow, Stopped
from harcli.tagging import reader
from harcli.tagging.finding import Finding
from harcli.tagging.reader import Photo

if TYPE_CHECKING:
    from harcli.tagging.pipeline import Pipeline
    from harcli.tagging.selection import Selection

_LOOK = 0.1  # seconds between two looks at what has taken too long, or whether all is over


@dataclass(slots=True, eq=False)
class _Asked(Photo):
    """A photo that somebody waits for.

    Attributes:
        name: its path in the records.
        answer: the records, when they are known.
    """

    name: str = ""
    answer: Future[list[Record]] = field(default_factory=Future)


class Live:
    """Looks at photos as they come; made by `Tagger.live`. Its methods may be called from several threads.

    Photos are decoded first, each by itself, so that one that takes long does not hold up those that came after it.
    """

    def __init__(self, pipeline: Pipeline, selection: Selection) -> None:
        """Use `Tagger.live`."""
        self._pipeline, self._selection = pipeline, selection
        self._memory = Memory(pipeline.limits.bytes)
        self._pool = Daemons(pipeline.workers, "decode")
        self._ready: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
        self._reading: dict[int, _Asked] = {}
        self._looked_at: dict[int, _Asked] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._thread.start()

    def __enter__(self) -> Live:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def tag(self, path: Path, name: str = "") -> Future[list[Record]]:
        """The records of a photo, as `Tagger.tag` gives them, when they are known.

        Args:
            path: the file, which must stay until then.
            name: what the records say as `path`.

        Returns:
            Records; if detection or recognition fails as such, with this photo alone too, their error. Cancelled, the
            photo is not looked at, if that has not begun.
        """
        asked = _Asked(path, name=name)
        if self._over.is_set():
            self._drop(asked)
            return asked.answer
        with self._lock:  # the memory is given out in the order in which the photos are decoded
            asked.share = self._memory.share()
            self._pool.submit(self._read, asked)
        return asked.answer

    @property
    def running(self) -> bool:
        """Whether photos are looked at."""
        return self._thread.is_alive() and not self._over.is_set()

    def close(self) -> None:
        """End; what has not been answered is cancelled."""
        self._over.set()
        self._memory.stop()
        self._pool.stop()
        self._thread.join()

    def _read(self, asked: _Asked) -> None:
        if self._over.is_set() or asked.answer.cancelled():
            self._drop(asked)
            return
        self._reading[id(asked)] = asked
        try:
            self._pipeline.read(asked)
        except BaseException as error:
            asked.share.give_back()
            if self._begun(asked):
                asked.answer.set_exception(error)
            return
        finally:
            self._reading.pop(id(asked), None)
        if asked.share.left:
            return  # it has been answered
        if asked.finding is not None:
            self._answer(asked, asked.finding)
        else:
            self._ready.put(asked)
            if self._over.is_set():
                self._drop_all()

    def _run(self) -> None:
        """Look at photos until all is over. An error ends the stages: they begin anew, and the photos that were on
        their way, of which one may be the reason, are looked at one by one."""
        while not self._over.is_set():
            flow = Flow()
            try:
                for photo, finding in self._pipeline.look_at(flow, self._moments(flow)):
                    if (asked := self._looked_at.pop(id(photo), None)) is not None:
                        self._deliver(asked, finding)
            except (Exception, Stopped):
                if not self._looked_at:
                    self._over.wait(_LOOK)
            finally:
                flow.stop()
            for asked in self._looked_at.values():
                self._alone(asked)
            self._looked_at.clear()
        self._drop_all()

    def _moments(self, flow: Flow) -> Iterator[list[Photo]]:
        """Photos that have been decoded, as many as there are at the moment; an empty list where no more are there."""
        more_may_come = False
        while not (self._over.is_set() or flow.stopped):
            self._leave_the_late()
            batch: list[Photo] = []
            try:
                while len(batch) < self._pipeline.photos_at_once:
                    asked = self._ready.get(timeout=0 if batch else _LOOK)
                    if self._begun(asked):
                        self._looked_at[id(asked)] = asked
                        batch.append(asked)
                    else:
                        asked.share.give_back()
            except queue.Empty:
                pass
            if batch:
                yield batch
                more_may_come = True
            if more_may_come and self._ready.empty():
                yield []
                more_may_come = False

    def _leave_the_late(self) -> None:
        """Give up what has been decoded for too long; its thread is left to itself."""
        limit = self._pipeline.limits.seconds
        for asked in list(self._reading.values()):
            if asked.share.seconds > limit + reader.GRACE and self._reading.pop(id(asked), None) is not None:
                asked.share.leave()
                self._pool.add_thread()
                self._answer(asked, Finding(error=too_long(limit)))

    def _alone(self, asked: _Asked) -> None:
        try:
            if self._over.is_set():
                raise CancelledError
            self._deliver(asked, self._pipeline.alone(asked))
        except (Exception, Stopped) as error:
            asked.answer.set_exception(error)

    def _answer(self, asked: _Asked, finding: Finding) -> None:
        if self._begun(asked):
            self._deliver(asked, finding)

    def _drop_all(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._drop(self._ready.get_nowait())

    @staticmethod
    def _drop(asked: _Asked) -> None:
        asked.share.give_back()
        if asked.answer.cancel():
            asked.answer.set_running_or_notify_cancel()  # `concurrent.futures.wait` waits for this

    @staticmethod
    def _begun(asked: _Asked) -> bool:
        """From now on the answer cannot be cancelled; whether it has not been."""
        return asked.answer.set_running_or_notify_cancel()

    def _deliver(self, asked: _Asked, finding: Finding) -> None:
        records = self._selection.records(asked.path, finding)
        asked.answer.set_result([replace(record, path=asked.name) for record in records])
