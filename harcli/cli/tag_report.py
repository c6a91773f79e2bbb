"""What `harcli tag` tells on standard error: a progress bar while it runs, a summary when it is done."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from harcli import __version__
from harcli.cli.causes import Causes, left_out_lines
from harcli.cli.console import stderr_console
from harcli.cli.remaining import Remaining
from harcli.photos.find import Found
from harcli.printable import one_line
from harcli.remote.photo import PhotoPlace
from harcli.remote.urls import is_url, shown
from harcli.results import TOO_SMALL, Record
from harcli.video import is_video


class Report:
    """Counts records; shows a progress bar if standard error is a terminal."""

    def __init__(
        self,
        found: Found[PhotoPlace],
        outs: Sequence[str | Path],
        *,
        watching: Callable[[], str] = str,
        provider: str,
        resumes: bool,
        quiet: bool,
    ) -> None:
        """
        Args:
            found: photos and videos to come, and what was left out.
            outs: where the results go, for the summary.
            watching: the video that is being looked at, and how far that is, for the progress bar.
            provider: what computes, for the summary.
            resumes: what is found is kept, so that the next run goes on.
            quiet: show nothing but problems.
        """
        self._found = found
        self._total = total = len(found.photos)
        self._videos_to_come = sum(map(is_video, found.photos))
        self._noun = _noun(total, self._videos_to_come)
        self._resumes = resumes
        self._causes, self._notes = Causes(), Causes()
        self._unreadable = self._unwritten = 0
        self._photos = self._videos = self._people = self._small = self._empty = self._computed = 0
        self._tags: Counter[str] = Counter()
        self._outs, self._provider, self._quiet = outs, provider, quiet
        self._said: set[str] = set()
        self._console = stderr_console()
        self._progress = Progress(
            *(TextColumn("Tagging"), BarColumn(), MofNCompleteColumn()),
            *(TextColumn(f"{self._noun}, {{task.fields[rate]}}"), TextColumn("{task.fields[remaining]}", style="cyan")),
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
        self._videos += self._videos_to_come > 0 and is_video(self._found.photos[self._photos])
        self._photos += 1
        self._computed = computed
        self._seconds = time.monotonic() - self._start
        if records[0].error:
            self._unreadable += 1
            self._causes.add(records[0].path, records[0].error)
        notes = [note for record in records if record.note for note in record.note.split("; ")]
        self._small += sum(note.startswith(TOO_SMALL) for note in notes)
        for note in dict.fromkeys(note for note in notes if not note.startswith(TOO_SMALL)):  # of the photo: once
            self._notes.add(records[0].path, note)
        self._empty += records[0].person == 0 and not records[0].error
        self._people += sum(record.person > 0 for record in records)
        for record in records:
            self._tags.update(record.tags)
        self._unwritten += bool(problems)
        for problem in problems:
            self._say(problem)
        self._remaining.done(self._photos, computed)
        if not self._progress.disable:
            self._progress.update(self._task, advance=1, rate=self._rate())

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
            self._say(f"stopped after {self._photos} of {self._total} {self._noun}; {then}")

    def print_summary(self) -> None:
        """A small table, what was left out, and why files could not be read; if quiet, only the last."""
        if not self._quiet:
            table = Table(title=f"harcli {__version__}", show_header=False)
            for name, value in self._rows().items():
                table.add_row(name, value)
            self._console.print(table)
            for line in (*self._notes.lines(), *left_out_lines(self._found.left_out)):
                self._say(line)
        if self._unreadable:
            self._say(f"{self._unreadable} of {self._photos} files could not be read")
            for line in self._causes.lines():
                self._say(f"  {line}")

    def _rows(self) -> dict[str, str]:
        rows = {
            "photos": str(self._photos - self._videos) if self._photos > self._videos or not self._videos else "",
            "videos": str(self._videos),
            "of these known before": str(self._photos - self._unreadable - self._computed),
            "people": str(self._people),
            "of these too small to judge": str(self._small),
            "without a person": str(self._empty),
            "unreadable": str(self._unreadable),
            "ignored by your rules": str(self._found.ignored),
            "time": f"{self._seconds:.1f} s, {self._rate()}",
            "computed on": self._provider,
            "most frequent": ", ".join(f"{name} {count}" for name, count in self._tags.most_common(6)) or "no tags",
            "written to": ", ".join(_shown(out) for out in self._outs),
        }
        rare = ("videos", "of these known before", "of these too small to judge", "ignored by your rules")
        return {name: value for name, value in rows.items() if value and (value != "0" or name not in rare)}

    def _rate(self) -> str:
        unit = "files" if " " in self._noun else self._noun
        return f"{self._photos / self._seconds:.1f} {unit}/s" if self._seconds > 0 else ""

    def _say(self, text: str) -> None:
        self._console.print(f"harcli: {one_line(text)}", soft_wrap=True)


class _Now:
    """Text that is asked for whenever it is shown."""

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text

    def __str__(self) -> str:
        return one_line(self._text())


def _noun(files: int, videos: int) -> str:
    return "photos" if not videos else "videos" if videos == files else "photos and videos"


def _shown(out: str | Path) -> str:
    return "standard output" if str(out) == "-" else one_line(shown(str(out)) if is_url(str(out)) else str(out))
