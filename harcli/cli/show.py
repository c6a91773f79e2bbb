"""`harcli show`: the people of one photo, drawn on a copy or in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harcli.cli.options import (
    DetectorOption,
    MinHeightOption,
    ModelOption,
    MoreOption,
    NoSettingsOption,
    SureOption,
    ThreadsOption,
    ThresholdOption,
    WithoutOption,
    convert,
    parse_thresholds,
    results_place,
    words,
)
from harcli.errors import HarcliError
from harcli.remote.urls import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harcli.cli.show_terminal import Terminal
    from harcli.results import Record


def show(
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="The photo, or its URL; it is only read.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Copy to draw on, .jpg or .png; an earlier one is replaced."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="RESULTS",
            help="Take the people from these results, read as by `harcli find`, and compute nothing.",
        ),
    ] = None,
    model: ModelOption = None,
    detector: DetectorOption = None,
    no_detect: Annotated[bool, typer.Option("--no-detect", help="Treat the image as one person.")] = False,
    confidence: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="People with a lower detector score are left out.", show_default="the detector's"
        ),
    ] = None,
    min_height: MinHeightOption = None,
    without: WithoutOption = "",
    threshold: ThresholdOption = None,
    sure: SureOption = False,
    more: MoreOption = False,
    threads: ThreadsOption = None,
    no_settings: NoSettingsOption = False,
) -> None:
    """Draw the people in a photo and their tags, on a copy or, without --out, as a picture in the terminal.

    A table of the people and their tags follows. Files, pipes, and terminals that cannot show pictures get only the
    table.

    Example: harcli show photo.jpg --out shown.jpg
    """
    by_models = model or detector or no_detect or confidence is not None
    if source is not None and (by_models or min_height is not None or threshold or sure or more):
        raise typer.BadParameter("it excludes the options of models and thresholds", param_hint="--from")
    if sure and more:
        raise typer.BadParameter("it excludes --more", param_hint="--sure")
    place = results_place(photo)
    _check_paths(place, out)

    from harcli.cli.ending import end_promptly
    from harcli.cli.streams import hush_libraries
    from harcli.photos.guarded import decode_guarded
    from harcli.pictures.drawing import draw
    from harcli.pictures.marked import SHOW, save_marked
    from harcli.video import check_no_video

    end_promptly()
    terminal = _terminal() if out is None and sys.stdout.isatty() else None
    hush_libraries()
    check_no_video(PurePath(_told(place)))
    with _file_of(place) as file:
        rgb, _ = decode_guarded(file)
        if source is not None:
            records = _kept(results_place(source), place, (rgb.shape[1], rgb.shape[0]), without)
        else:
            records = _tagged(
                file,
                model=model,
                detector=detector,
                detect=not no_detect,
                confidence=confidence,
                min_height=min_height,
                without=words(without),
                threshold=parse_thresholds(threshold or ()),
                level="sure" if sure else "more" if more else "",
                threads=threads,
            )
    if terminal is not None:
        terminal.show(draw(rgb, records, terminal.size, tags=not terminal.coarse))
    elif out is not None:
        save_marked(draw(rgb, records), out, SHOW)
    _print_people(records)


def _terminal() -> Terminal | None:
    """Where to show the picture; if it cannot be shown, the reason is said, and the table is left."""
    from harcli.cli.show_terminal import Terminal

    try:
        return Terminal()
    except HarcliError as error:
        typer.echo(f"harcli: {error}", err=True)
        return None


@contextmanager
def _file_of(place: Path | str) -> Iterator[Path]:
    """The photo's file, or a copy of what lies at its URL.

    Raises:
        PhotoError: it cannot be read there.
    """
    if isinstance(place, Path):
        yield place
        return
    from harcli.remote.listing import remote_photo
    from harcli.remote.photo import at_hand

    with at_hand(remote_photo(place)) as copy:
        yield copy.file


def _check_paths(photo: Path | str, out: Path | None) -> None:
    """What can be told wrong before anything is loaded."""
    if isinstance(photo, Path) and not (photo.exists() or photo.is_symlink()):
        raise typer.BadParameter(f"there is no file '{photo}'", param_hint="PHOTO")
    if out is None:
        return

    from harcli.pictures.marked import FORMATS, SHOW, is_marked

    if out.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"'{out}' must end in {', '.join(FORMATS)}", param_hint="--out")
    itself = isinstance(photo, Path) and out.exists() and out.samefile(photo)
    if out.exists() and not itself and not is_marked(out, SHOW):
        raise typer.BadParameter(
            f"'{out}' is there, and is no picture of harcli show's; name another", param_hint="--out"
        )
    if itself:
        raise typer.BadParameter(f"'{out}' is the photo itself, which is never written to", param_hint="--out")


def _tagged(photo: Path, **options: Any) -> list[Record]:
    """The photo's records, computed.

    Args:
        options: of `Tagger`.
    """
    from harcli.tagging.selection import SelectionError
    from harcli.tagging.tagger import Tagger

    with convert(SelectionError):
        tagger = Tagger(**options)
    return [record for records in tagger.tag_files([photo]) for record in records]


def _kept(source: Path | str, photo: Path | str, size: tuple[int, int], without: str) -> list[Record]:
    """The photo's records, from results.

    Args:
        size: the photo's width and height.
        without: attributes or groups to leave out.

    Raises:
        HarcliError: it is not in there, or is not the same photo any more.
    """
    from harcli.attributes import names_of
    from harcli.results.kept import open_results

    name = _told(photo)
    with open_results(source) as results:
        with convert(HarcliError, "--without"):
            gone = names_of(words(without), {a.name: a.group for a in results.info.attributes}, leaving_out=True)
        for records in results.photos_called(photo.name if isinstance(photo, Path) else name):
            if not _same(results.locate(records[0].path), photo):
                continue
            if (records[0].width, records[0].height) != size:
                raise HarcliError(f"{name}: is not as it was when {results.path} was made; tag it again")
            return [_less(record, gone) for record in records]
        raise HarcliError(f"{name}: is not in {results.path}; `harcli tag` puts it there")


def _told(photo: Path | str) -> str:
    """How messages name it."""
    return str(photo) if isinstance(photo, Path) else shown(photo)


def _same(place: Path | str, photo: Path | str) -> bool:
    """Whether a record's photo is this one."""
    if isinstance(place, str) or isinstance(photo, str):
        return isinstance(photo, str) and place == shown(photo)
    return place.name == photo.name and "\0" not in str(place) and place.parent.resolve() == photo.parent.resolve()


def _less(record: Record, gone: set[str]) -> Record:
    """The record without some attributes."""
    probabilities = {name: p for name, p in (record.probabilities or {}).items() if name not in gone}
    tags = tuple(tag for tag in record.tags if tag not in gone)
    return replace(record, tags=tags, probabilities=probabilities if record.person else None)


def _print_people(records: Sequence[Record]) -> None:
    from rich.table import Table
    from rich.text import Text

    from harcli.attributes.showing import telling_first
    from harcli.cli.console import stdout_console
    from harcli.pictures.drawing import colour

    console = stdout_console()
    if not records[0].person:
        console.print("no person was found")
        return
    table = Table("person", "score", "tags")
    for record in records:
        probabilities = record.probabilities or {}
        tags = telling_first(sorted(record.tags, key=lambda tag: -probabilities[tag]))
        told = ", ".join(f"{tag} {probabilities[tag]:.2f}" for tag in tags)
        number = Text.assemble(("■", colour(record.person)), f" {record.person}")
        table.add_row(number, f"{record.score:.2f}", told or "none")
    console.print(table)
