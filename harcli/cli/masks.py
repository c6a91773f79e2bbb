"""`harcli masks`: pseudo ground truth for the mask branch, by a segmentation model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.options import BoxesOption, choice

if TYPE_CHECKING:
    from types import TracebackType

    from harcli.datasets import Sample
    from harcli.training.pseudo_masks import Counts


def masks(
    dataset: Annotated[str, typer.Option(help="Data sets, or .csv files of your own, separated by commas.")],
    out: Annotated[Path, typer.Option(help="Folder for the masks; `harcli train --masks` takes it.")],
    weights: Annotated[Path, typer.Option(help="Ultralytics segmentation model (.pt), for example yolo26n-seg.pt.")],
    root: Annotated[
        Path | None, typer.Option(envvar="HARCLI_DATA", help="Folder with one folder per data set.")
    ] = None,
    boxes: BoxesOption = None,
    split: Annotated[str, typer.Option(help="Split to take images from; default: each data set's first.")] = "",
    part: Annotated[str, choice("train", "val", "test", help="Only this part of the split.")] = "",
    imgsz: Annotated[int, typer.Option(help="Longer side of a crop at the network's input, in pixels.", min=64)] = 320,
    sheet: Annotated[Path | None, typer.Option(help="Draw a sheet of people with their masks, as a PNG.")] = None,
) -> None:
    """Make masks for the people that the data set has none for, with a segmentation model.

    You can stop it at any moment; the same command continues where it stopped. <out>/<data set>/masks.csv lists
    everybody, with an empty score where nobody was found.

    Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done, but some images could not be read.

    Example: harcli masks --dataset peta,pa100k --root data --out masks --weights yolo26n-seg.pt --sheet masks.png
    """
    import logging
    from collections import Counter

    from harcli.cli.options import data_root, dataset_names
    from harcli.datasets import boxed, load
    from harcli.datasets.masks import mask_folder
    from harcli.errors import HarcliError
    from harcli.near import one_of

    logging.basicConfig(format="%(message)s")
    one_of("--part", part, ("", "train", "val", "test"))
    if sheet is not None and (sheet.suffix.lower() != ".png" or not sheet.parent.is_dir()):
        raise HarcliError(f"{sheet}: --sheet names a .png file in a folder that exists")
    names = dataset_names(dataset)
    samples = boxed([s for s in load(names, data_root(root, names), split) if not part or s.part == part], boxes)
    if not samples:
        raise HarcliError(f"{root}: no images in the {part} part of {dataset}")
    # Mistakes in the options and the data have shown by now; torch takes seconds to import.
    from harcli.training.mask_log import check_note, settings, write_note
    from harcli.training.pseudo_masks import Counts, make_masks, without_own
    from harcli.training.segmenter import Segmenter

    how = settings(weights, imgsz)
    check_note(out, how)
    files: dict[str, dict[Path, Sample]] = {s.dataset: {} for s in samples}
    for file, sample in without_own(samples, out).items():
        files[sample.dataset][file] = sample
    own = Counter(s.dataset for s in samples if s.mask is not None)
    counts = {name: Counts(own=own[name]) for name in files}
    segmenter = Segmenter(weights, imgsz)
    write_note(out, how)
    with _Progress(sum(map(len, files.values()))) as progress:
        for name, people in files.items():
            make_masks(people, mask_folder(out, name), segmenter, counts[name], progress.step, progress.complain)
    _summary(counts, progress, out)
    if sheet is not None:
        _sheet(files, out, sheet)
    if any(count.unreadable for count in counts.values()):
        raise typer.Exit(3)


def _sheet(files: dict[str, dict[Path, Sample]], out: Path, sheet: Path) -> None:
    from harcli.datasets.masks import mask_folder
    from harcli.training.mask_log import read_entries
    from harcli.training.mask_sheet import draw_sheet

    rows = []
    for name, people in files.items():
        entries = read_entries(mask_folder(out, name))
        rows += [(file, sample, entries[file.name]) for file, sample in people.items() if file.name in entries]
    if not rows:
        typer.echo(f"{sheet}: not drawn, there is no mask to show", err=True)
        return
    draw_sheet(rows, sheet)
    typer.echo(f"{sheet}: look at it before you train with these masks", err=True)


def _summary(counts: dict[str, Counts], progress: _Progress, out: Path) -> None:
    from rich.table import Table

    from harcli.cli.console import stderr_console

    table = Table(title=f"masks in {out}", caption=f"{progress.now} people in {progress.seconds:.0f} s")
    table.add_column("data set")
    columns = ("made", "kept from before", "no person found", "own masks", "unreadable")
    for column in columns:
        table.add_column(column, justify="right")
    for name, count in counts.items():
        values = (count.made, count.kept, count.nobody, count.own, count.unreadable)
        table.add_row(name, *map(str, values))
    stderr_console().print(table)


class _Progress:
    """A bar with rate and time left on a terminal, elsewhere a line now and then; on standard error."""

    SECONDS = 20.0  # between two lines

    def __init__(self, total: int) -> None:
        import sys

        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        from harcli.cli.console import stderr_console

        self.total, self.before, self.now, self.seconds, self._said = total, 0, 0, 0.0, 0.0
        self._plain = not sys.stderr.isatty()
        self._bar = Progress(
            *(TextColumn("Masks"), BarColumn(), MofNCompleteColumn()),
            *(TextColumn("people, {task.fields[rate]}"), TimeRemainingColumn()),
            console=stderr_console(),
            disable=self._plain,
            transient=True,
        )
        self._task = self._bar.add_task("", total=total, rate="")

    def __enter__(self) -> _Progress:
        import time

        self._start = time.monotonic()
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, before: int, now: int) -> None:
        """So many people more are done, before this run and in it."""
        import time

        self.before, self.now = self.before + before, self.now + now
        self.seconds = time.monotonic() - self._start
        done, rate = self.before + self.now, self.now / max(self.seconds, 1e-3)
        self._bar.update(self._task, completed=done, rate=f"{rate:.0f}/s")
        if self._plain and self.now and self.seconds - self._said >= self.SECONDS:
            self._said = self.seconds
            left = (self.total - done) / rate / 60
            typer.echo(f"{done}/{self.total} people  {rate:.1f}/s  {left:.0f} min left", err=True)

    def complain(self, line: str) -> None:
        """An image could not be read."""
        self._bar.console.print(f"harcli: {line}", markup=False, highlight=False, soft_wrap=True)
