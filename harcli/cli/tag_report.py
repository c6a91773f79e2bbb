"""What `harcli tag` tells on standard error: a progress bar while it runs, a summary when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from harcli import __version__
from harcli.cli.causes import Causes, files_noun, left_out_lines
from harcli.cli.console import stderr_console
from harcli.cli.remaining import Remaining
from harcli.photos.find import Found
from harcli.printable import one_line
from harcli.remote.photo import PhotoPlace
from harcli.remote.urls import is_url, shown
from harcli.results import Record
from harcli.tagging.tally import Tally
from harcli.video import is_video

_SKIPPED = "skipped, in the results already"

_WORTH_A_RATE = 0.5
"""Seconds; a shorter run says nothing about how fast this machine is."""


class Report:
    """Counts records; shows a progress bar if standard error is a terminal."""

    def __init__(
        self,
        found: Found[PhotoPlace],
        outs: Sequence[object],
        *,
        watching: Callable[[], str] = str,
        provider: str,
        resumes: bool,
        quiet: bool,
        skipped: int = 0,
    ) -> None:
        """
        Args:
            found: photos and videos to come, and what was left out.
            outs: where the results go, for the summary.
            watching: the video that is being looked at, and how far that is, for the progress bar.
            provider: what computes, for the summary.
            resumes: what is found is kept, so that the next run goes on.
            quiet: show nothing but problems.
            skipped: photos that are not to come, since the results have them.
        """
        self._found = found
        self._total = total = len(found.photos)
        self._noun = files_noun(total, sum(map(is_video, found.photos)))
        self._resumes = resumes
        self._causes, self._notes = Causes(), Causes()
        self._sum = Tally()
        self._unreadable = self._unwritten = self._computed = 0
        self._outs, self._provider, self._quiet, self._skipped = outs, provider, quiet, skipped
        self._said: set[str] = set()
        self._console = stderr_console()
        self._progress = Progress(
            *(TextColumn("Tagging"), BarColumn(), MofNCompleteColumn()),
            *(TextColumn(f"{self._noun}{{task.fields[rate]}}"), TextColumn("{task.fields[remaining]}", style="cyan")),
            TextColumn("{task.fields[watching]}", markup=False),
            console=self._console,
            disable=quiet or not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task("", total=total, rate="", remaining="", watching=_Now(watching))
        self._remaining = Remaining(total)
        self._start = time.monotonic()
        self._seconds = 0.0

    @property
    def troubled(self) -> bool:
        """Whether a file could not be read or written."""
        return bool(self._unreadable or self._unwritten)

    def __enter__(self) -> Report:
        for folder in self._found.empty if self._total else ():
            self._say(f"{folder}: no photos in it")
        self._progress.start()
        self._start = time.monotonic()
        self._remaining = Remaining(self._total)
        self._progress.update(self._task, remaining=self._remaining)
        return self

    def add(self, records: Sequence[Record], problems: Sequence[str], computed: int) -> None:
        """Count the records of the next photo or video.

        Args:
            problems: what could not be written of it.
            computed: photos of this run that were computed so far.
        """
        self._sum.add(records)
        self._unwritten += bool(problems)
        for problem in problems:
            self._say(problem)
        self._advance(1, computed)

    def add_block(self, tally: Tally) -> None:
        """Count photos that were tagged elsewhere."""
        self._sum.merge(tally)
        self._advance(tally.photos, self._computed + tally.photos - len(tally.errors))

    def _advance(self, photos: int, computed: int) -> None:
        """Take note of what came last, and show how far the run is."""
        self._computed = computed
        self._seconds = time.monotonic() - self._start
        if self._sum.errors or self._sum.notes:
            self._unreadable += len(self._sum.errors)
            for path, error in self._sum.errors:
                self._causes.add(path, error)
            for path, note in self._sum.notes:
                self._notes.add(path, note)
            self._sum.errors, self._sum.notes = [], []  # counted by their causes; a list of all would only grow
        self._remaining.done(self._sum.photos, computed)
        if not self._progress.disable:
            self._progress.update(self._task, advance=photos, rate=self._rate())

    def say_once(self, text: str) -> None:
        """Tell something that may be known only on the way; the same text once."""
        if text not in self._said and not self._quiet:
            self._said.add(text)
            self._say(text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._seconds = time.monotonic() - self._start
        self._progress.stop()
        if kind in (KeyboardInterrupt, SystemExit):
            then = "the same command goes on there" if self._resumes else "nothing is kept of them"
            self._say(f"stopped after {self._sum.photos} of {self._total} {self._noun}; {then}")

    def print_summary(self, computed_on: str = "") -> None:
        """A small table, what was left out, and why files could not be read; if quiet, only the last.

        Args:
            computed_on: what has computed, where that was not known before.
        """
        self._provider = self._provider or computed_on
        if not self._quiet:
            table = Table(title=f"harcli {__version__}", show_header=False)
            for name, value in self._rows().items():
                table.add_row(name, value)
            self._console.print(table)
            for line in (*self._notes.lines(), *left_out_lines(self._found.left_out)):
                self._say(line)
        if self._unreadable:
            files = "1 file" if self._sum.photos == 1 else f"{self._sum.photos:,} files"
            self._say(f"{self._unreadable:,} of {files} could not be read")
            for line in self._causes.lines():
                self._say(f"  {line}")

    def _rows(self) -> dict[str, str]:
        photos, videos = self._sum.photos, self._sum.videos
        frequent = self._sum.tags.most_common(6)
        rows = {
            "photos": f"{photos - videos:,}" if photos > videos or not videos else "",
            "videos": f"{videos:,}",
            "of these known before": f"{photos - self._unreadable - self._computed:,}",
            "people": f"{self._sum.people:,}",
            "of these too small to judge": f"{self._sum.small:,}",
            "without a person": f"{self._sum.empty:,}",
            "unreadable": f"{self._unreadable:,}",
            "ignored by your rules": f"{self._found.ignored:,}",
            _SKIPPED: f"{self._skipped:,}",
            "time": f"{self._seconds:.1f} s" + (self._rate() if self._seconds >= _WORTH_A_RATE else ""),
            "computed on": self._provider,
            "most frequent": ", ".join(f"{name} {count:,}" for name, count in frequent) or "no tags",
            "written to": ", ".join(_shown(out) for out in self._outs),
        }
        rare = ("videos", "of these known before", "of these too small to judge", "ignored by your rules", _SKIPPED)
        return {name: value for name, value in rows.items() if value and (value != "0" or name not in rare)}

    def _rate(self) -> str:
        """To go on with after a comma; empty while nothing is done."""
        told = rate(self._sum.photos, self._seconds, self._noun)
        return f", {told}" if told else ""

    def _say(self, text: str) -> None:
        self._console.print(f"harcli: {one_line(text)}", soft_wrap=True)


class _Now:
    """Text that is asked for whenever it is shown."""

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text

    def __str__(self) -> str:
        return one_line(self._text())


def rate(files: int, seconds: float, noun: str) -> str:
    """How quick a run is: `2.5 photos/s`; where that is little, as with videos, `40 s for each video`."""
    unit = "files" if " " in noun else noun
    if seconds <= 0 or not files:
        return ""
    each = seconds / files
    return f"{1 / each:.1f} {unit}/s" if each <= 10 else f"{each:.0f} s for each {unit[:-1]}"


def _shown(out: object) -> str:
    return "standard output" if str(out) == "-" else one_line(shown(str(out)) if is_url(str(out)) else str(out))
