"""One run of `harcli tag`: what was found goes to everything that was asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harcli.errors import HarcliError
from harcli.remote.urls import is_url

if TYPE_CHECKING:
    from harcli.outputs import OutputOptions
    from harcli.outputs.dataset.folder import Folder
    from harcli.photos.find import Found
    from harcli.photos.limits import Limits
    from harcli.remote.photo import PhotoPlace
    from harcli.tagging.tagger import Tagger


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for, but for the tagger. The names are those of the options."""

    paths: Sequence[str]
    out: tuple[str | Path | Folder, ...]
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
    fresh: bool
    quiet: bool

    @property
    def options(self) -> OutputOptions:
        """How result files are written."""
        from harcli.outputs import OutputOptions

        return OutputOptions(self.form, self.long, self.csv_safe)

    @property
    def places(self) -> list[object]:
        """Where the results go, for the summary."""
        sidecars = ["sidecars beside the photos"] if self.xmp else []
        return [*self.out, *sidecars, *([self.save_crops] if self.save_crops else [])]


def check(wanted: Wanted) -> None:
    """What can be told wrong before anything is loaded."""
    from harcli.cli.output_options import check_folders, check_outputs, check_urls
    from harcli.outputs.dataset.folder import Folder

    if not (wanted.out or wanted.xmp or wanted.save_crops):
        raise typer.BadParameter(
            "say where the results go: --out attrs.csv, --xmp or --save-crops DIR", param_hint="--out"
        )
    urls = check_urls([out for out in wanted.out if isinstance(out, str)], wanted.path_style)
    folders = [out for out in wanted.out if isinstance(out, Folder)]
    files = [*(out for out in wanted.out if isinstance(out, Path)), *urls]
    check_folders(folders, wanted.options, wanted.path_style)
    check_outputs(files, wanted.options)
    if wanted.csv_safe and folders and not files:
        raise typer.BadParameter(f"'{folders[0]}' gets no CSV", param_hint="--csv-safe")
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
    from harcli.cli.tag_destinations import Destinations
    from harcli.cli.tag_report import Report

    found = find(wanted)
    with Destinations(wanted, tagger, found) as destinations:
        photos = destinations.needed
        report = Report(
            *(replace(found, photos=photos), wanted.places),
            watching=lambda: tagger.watching,
            provider=_computed_on(tagger),
            resumes=tagger.keeps,
            quiet=wanted.quiet,
            skipped=len(found.photos) - len(photos),
        )
        with report:
            for path, records in zip(photos, tagger.tag_files(photos), strict=True):
                problems = destinations.write(path, records)
                report.add(records, problems, tagger.computed)
                if tagger.other_settings:
                    report.say_once(f"computing anew: {tagger.other_settings}")
    report.print_summary()
    if hidden := destinations.without_boxes:
        typer.echo(f"harcli: {hidden} sidecars got no boxes, which would have hidden the photos' own regions", err=True)
    return report.troubled


def find(wanted: Wanted) -> Found[PhotoPlace]:
    """The photos that are asked for.

    Raises:
        HarcliError: there are none, or it cannot be told which.
    """
    from harcli.remote.listing import find_anywhere
    from harcli.video import video_installed

    found = find_anywhere(
        _expand(wanted.paths),
        wanted.ignore,
        raw=wanted.raw_preview,
        videos=video_installed(),
        live_videos=wanted.live_videos,
    )
    if not (wanted.allow_empty or any(map(_may_be_read, found.photos))):
        raise HarcliError(_unreachable(found.photos) if found.photos else _nothing(found))
    return found


def _may_be_read(photo: PhotoPlace) -> bool:
    return not isinstance(photo, Path) or os.path.isfile(photo)  # noqa: PTH113  (`is_file` raises for some links)


def _unreachable(photos: Sequence[PhotoPlace]) -> str:
    """That what was named is there by name only, as where a link leads to a disk, or a list to files on one, that is
    not mounted."""
    reason = "no file that can be read"
    try:
        Path(str(photos[0])).stat()
    except OSError as error:
        reason = (error.strerror or reason).lower()
    except ValueError:  # a NUL in it
        reason = "no file can have this name"
    others = len(photos) - 1
    more = f", nor can the other {f'{others} ' * (others > 1)}be read" if others else ""
    return f"{photos[0]}: {reason}{more}; nothing was written (see --allow-empty)"


def _computed_on(tagger: Tagger) -> str:
    """`cpu int8`, or `cuda fp32, detection on cpu`, which a detector in torch may be."""
    from harcli.people import WholeImage

    model, detector = tagger.model, tagger.detector
    computed_on = f"{model.provider} {model.precision}"
    same = detector.provider == model.provider or isinstance(detector, WholeImage)
    return computed_on if same else f"{computed_on}, detection on {detector.provider}"


def _nothing(found: Found[PhotoPlace]) -> str:
    """That there is nothing to tag: a folder that is not mounted looks like an empty one, and a search that failed
    gives an empty list."""
    from harcli.cli.causes import left_out_lines

    places = [str(folder) for folder in found.empty] or ["the list on standard input"]
    shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    ignored = [f"{found.ignored} ignored by your rules"] if found.ignored else []
    others = "; ".join([*left_out_lines(found.left_out), *ignored])
    return f"{shown}: no photos were found{f' ({others})' if others else ''}; nothing was written (see --allow-empty)"


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
