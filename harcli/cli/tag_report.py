"""What `harcli tag` tells on standard error: a progress bar while it runs, a summary when it is done."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from harcli import __version__
from harcli.results import Record


class Report:
    """Counts records; shows a progress bar if standard error is a terminal."""

    def __init__(self, total: int, out: Path, *, provider: str, quiet: bool) -> None:
        """
        Args:
            total: photos to come.
            out: where the results go, for the summary.
            provider: what computes, for the summary.
            quiet: show nothing.
        """
        self.unreadable = 0
        self._photos = self._people = self._empty = 0
        self._tags: Counter[str] = Counter()
        self._out, self._provider, self._quiet = out, provider, quiet
        self._console = Console(stderr=True)
        self._progress = Progress(
            *(TextColumn("Tagging"), BarColumn(), MofNCompleteColumn()),
            *(TextColumn("photos, {task.fields[rate]}"), TimeRemainingColumn()),
            console=self._console,
            disable=quiet or not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task("", total=total, rate="")
        self._start = time.monotonic()
        self._seconds = 0.0

    def __enter__(self) -> Report:
        self._progress.start()
        self._start = time.monotonic()
        return self

    def add(self, records: list[Record]) -> None:
        """Count the records of one photo."""
        self._photos += 1
        self._seconds = time.monotonic() - self._start
        self.unreadable += bool(records[0].error)
        self._empty += records[0].person == 0 and not records[0].error
        self._people += sum(record.person > 0 for record in records)
        for record in records:
            self._tags.update(record.tags)
        self._progress.update(self._task, advance=1, rate=self._rate())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._seconds = time.monotonic() - self._start
        self._progress.stop()

    def print_summary(self) -> None:
        """A small table, and what to do about unreadable files."""
        if self._quiet:
            return
        table = Table(title=f"harcli {__version__}", show_header=False)
        rows = {
            "photos": str(self._photos),
            "people": str(self._people),
            "without a person": str(self._empty),
            "unreadable": str(self.unreadable),
            "time": f"{self._seconds:.1f} s, {self._rate()}",
            "computed on": self._provider,
            "most frequent": ", ".join(f"{name} {count}" for name, count in self._tags.most_common(6)) or "no tags",
            "written to": escape(str(self._out).encode("utf-8", "replace").decode()),
        }
        for name, value in rows.items():
            table.add_row(name, value)
        self._console.print(table)
        if self._photos == 0:
            self._say("no photos were found")
        if self.unreadable:
            self._say(f"{self.unreadable} of {self._photos} files could not be read: see 'error' in {self._out}")

    def _rate(self) -> str:
        return f"{self._photos / self._seconds:.1f} photos/s" if self._seconds > 0 else ""

    def _say(self, text: str) -> None:
        self._console.print(f"harcli: {text}", markup=False, highlight=False, soft_wrap=True)
