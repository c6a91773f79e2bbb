"""One run of `harcli tag`: what was found goes to everything that was asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harcli.errors import HarcliError
from harcli.remote.urls import is_url

if TYPE_CHECKING:
    from harcli.outputs import OutputOptions, Sink
    from harcli.outputs.crops import CropWriter
    from harcli.outputs.xmp import SidecarWriter
    from harcli.photos.find import Found
    from harcli.photos.limits import Limits
    from harcli.remote.photo import PhotoPlace
    from harcli.results import Record
    from harcli.tagging.tagger import Tagger


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for, but for the tagger. The names are those of the options."""

    paths: Sequence[str]
    out: tuple[str | Path, ...]
    form: str
    long: bool
    csv_safe: bool
    path_style: str
    xmp: bool
    xmp_regions: bool
    save_crops: Path | None
    ignore: tuple[str, ...]
    raw_preview: bool
    live_videos: bool
    limits: Limits
    allow_empty: bool
    quiet: bool

    @property
    def options(self) -> OutputOptions:
        """How result files are written."""
        from harcli.outputs import OutputOptions

        return OutputOptions(self.form, self.long, self.csv_safe)

    @property
    def places(self) -> list[str | Path]:
        """Where the results go, for the summary."""
        sidecars = ["sidecars beside the photos"] if self.xmp else []
        return [*self.out, *sidecars, *([self.save_crops] if self.save_crops else [])]


def check(wanted: Wanted) -> None:
    """What can be told wrong before anything is loaded."""
    from harcli.cli.output_options import check_outputs, check_urls

    if not (wanted.out or wanted.xmp or wanted.save_crops):
        raise typer.BadParameter("say where the results go: --out, --xmp or --save-crops", param_hint="--out")
    urls = check_urls([out for out in wanted.out if isinstance(out, str)], wanted.path_style)
    check_outputs([*(out for out in wanted.out if isinstance(out, Path)), *urls], wanted.options)
    if wanted.save_crops is not None:
        _check_crops(wanted.save_crops, wanted.paths)
    _check_sources(wanted)
    for path in wanted.paths:
        if path != "-" and not is_url(path) and not _is_there(path):
            raise typer.BadParameter(f"there is no file or folder '{path}'", param_hint="PATH")


def _check_sources(wanted: Wanted) -> None:
    """What cannot be done with photos elsewhere."""
    if not any(map(is_url, wanted.paths)):
        return
    if wanted.xmp:
        raise typer.BadParameter("sidecars are written beside files, not beside photos at a URL", param_hint="--xmp")
    if wanted.save_crops is not None:
        raise typer.BadParameter("crops are cut from files, not from photos at a URL", param_hint="--save-crops")


def _is_there(path: str) -> bool:
    """Links that lead nowhere are there, and what lies in a closed folder may be: they get a record that says why."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _check_crops(folder: Path, paths: Sequence[str]) -> None:
    """Crops would be photos to the next run if they lay among the photos."""
    real = folder.resolve()
    named = [Path(path).resolve() for path in paths if path != "-" and not is_url(path)]
    if real == Path.cwd() or any(map(real.is_relative_to, named)):
        raise typer.BadParameter(
            f"'{folder}': name a folder of its own, outside the photos: the next run would take the crops for photos",
            param_hint="--save-crops",
        )


def run(wanted: Wanted, tagger: Tagger) -> bool:
    """Tag all photos; tell about it on standard error.

    Returns:
        Whether a file could not be read or written.
    """
    from harcli.cli.tag_report import Report
    from harcli.remote.listing import find_anywhere
    from harcli.video import video_installed

    found = find_anywhere(
        _expand(wanted.paths),
        wanted.ignore,
        raw=wanted.raw_preview,
        videos=video_installed(),
        live_videos=wanted.live_videos,
    )
    if not (found.photos or wanted.allow_empty):
        raise HarcliError(_nothing(found))
    with Destinations(wanted, tagger, found) as destinations:
        report = Report(
            *(found, wanted.places),
            watching=lambda: tagger.watching,
            provider=_computed_on(tagger),
            resumes=tagger.keeps,
            quiet=wanted.quiet,
        )
        with report:
            for path, records in zip(found.photos, tagger.tag_files(found.photos), strict=True):
                problems = destinations.write(path, records)
                report.add(records, problems, tagger.computed)
                if tagger.other_settings:
                    report.say_once(f"computing anew: {tagger.other_settings}")
    report.print_summary()
    if hidden := destinations.without_boxes:
        typer.echo(f"harcli: {hidden} sidecars got no boxes, which would have hidden the photos' own regions", err=True)
    return report.troubled


def _computed_on(tagger: Tagger) -> str:
    """`cuda`, or `cuda, detection on cpu`, which a detector in torch may be."""
    from harcli.people import WholeImage

    model, detector = tagger.model.provider, tagger.detector
    same = detector.provider == model or isinstance(detector, WholeImage)
    return model if same else f"{model}, detection on {detector.provider}"


def _nothing(found: Found[PhotoPlace]) -> str:
    """That there is nothing to tag: a folder that is not mounted looks like an empty one, and a search that failed
    gives an empty list."""
    from harcli.cli.causes import left_out_lines

    places = [str(folder) for folder in found.empty] or ["the list on standard input"]
    shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    ignored = [f"{found.ignored} ignored by your rules"] if found.ignored else []
    others = "; ".join([*left_out_lines(found.left_out), *ignored])
    return f"{shown}: no photos were found{f' ({others})' if others else ''}; nothing was written (see --allow-empty)"


class Destinations:
    """All outputs of a run, as one context: files appear when it ends without an error."""

    def __init__(self, wanted: Wanted, tagger: Tagger, found: Found[PhotoPlace]) -> None:
        self._wanted = wanted
        self._photos = found.photos
        self._info = replace(tagger.info, left_out=found.summary)
        self._stack = ExitStack()
        self._sinks: list[tuple[Sink, Callable[[Record], Record]]] = []
        self._sidecars: SidecarWriter | None = None
        self._crops: CropWriter | None = None
        self._margin = tagger.model.metadata.input.margin

    def __enter__(self) -> Destinations:
        from harcli.outputs import fitting, open_output, path_styler
        from harcli.remote.upload import uploaded

        with ExitStack() as stack:  # what is open closes if a later one fails
            for out in self._wanted.out:
                file = stack.enter_context(uploaded(out)) if isinstance(out, str) else out
                info, styled = path_styler(self._wanted.path_style, self._info, file)
                sink = stack.enter_context(open_output(file, info, fitting(file, self._wanted.options)))
                self._sinks.append((sink, styled))
            if self._wanted.xmp:
                from harcli.outputs.xmp import SidecarWriter

                self._sidecars = SidecarWriter(self._info, regions=self._wanted.xmp_regions)
            if self._wanted.save_crops is not None:
                from harcli.outputs.crops import CropWriter

                self._crops = CropWriter(self._wanted.save_crops, self._margin, _files(self._photos))
            self._stack = stack.pop_all()
        return self

    @property
    def without_boxes(self) -> int:
        """Sidecars that got no boxes though they were asked for."""
        return self._sidecars.without_boxes if self._sidecars is not None else 0

    def write(self, photo: PhotoPlace, records: list[Record]) -> list[str]:
        """Write the records of one photo everywhere.

        Returns:
            What went wrong beside the photo itself, a line each.
        """
        for sink, styled in self._sinks:
            for record in records:
                sink.write(styled(record))
        problems = []
        if self._sidecars is not None and isinstance(photo, Path):
            try:
                self._sidecars.write(records, photo)
            except HarcliError as error:
                problems.append(str(error))
        if self._crops is not None and isinstance(photo, Path):
            try:
                self._crops.write_crops(photo, records, self._wanted.limits)
            except HarcliError as error:
                problems.append(str(error))
        return problems

    def __exit__(self, *about: object) -> None:
        self._stack.__exit__(*about)  # type: ignore[arg-type]


def _files(photos: Sequence[PhotoPlace]) -> list[Path]:
    return [photo for photo in photos if isinstance(photo, Path)]


def _expand(paths: Sequence[str]) -> list[str]:
    """The paths and URLs, with those of standard input in place of `-`."""
    from harcli.photos.listing import names_from

    expanded: list[str] = []
    for path in paths:
        try:
            expanded += names_from(sys.stdin.buffer) if path == "-" else [path]
        except OSError as error:
            raise HarcliError(f"standard input: cannot be read ({error.strerror}); give a list to -") from error
    return expanded
