"""`harcli explain`: a picture of where a network looks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harcli.cli.completion import complete_model
from harcli.cli.options import DetectorOption, ThreadsOption, words
from harcli.cli.streams import write_out
from harcli.remote.urls import is_url, shown

if TYPE_CHECKING:
    from harcli.explain.subject import Subject


def explain(
    photos: Annotated[list[str], typer.Argument(metavar="PHOTO...", help="Photos, or folders of photos.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="A model's name, folder or .onnx file, or a checkpoint of `harcli train` (.safetensors).",
            show_default="built-in",
            autocompletion=complete_model,
        ),
    ] = None,
    without_supervision: Annotated[
        str | None, typer.Option(help="Second checkpoint, trained without mask supervision, to compare masks with.")
    ] = None,
    attributes: Annotated[
        str, typer.Option(metavar="NAMES", help="Attributes to draw, for example hat,jeans; default: the tagged ones.")
    ] = "",
    top: Annotated[int, typer.Option(min=1, max=60, help="How many attributes to draw.")] = 6,
    person: Annotated[
        int | None, typer.Option(min=1, help="Which person, as numbered by `harcli tag`.", show_default="the largest")
    ] = None,
    no_detect: Annotated[bool, typer.Option("--no-detect", help="Treat each image as one person.")] = False,
    detector: DetectorOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="PNG file; for several photos, a folder.", show_default="PHOTO.explain.png"),
    ] = None,
    threads: ThreadsOption = None,
) -> None:
    """Draw where the model looks: the mask of the person, and the attention of each attribute.

    There is one sheet per photo, for one person. For a checkpoint it also shows strong features and self-masks. Parts
    that the network does not have are left out.

    Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done, but some photos were left out.

    Example: harcli explain photo.jpg --out photo.explain.png
    """
    if no_detect and (person is not None or detector is not None):
        raise typer.BadParameter("it excludes --person and --detector", param_hint="--no-detect")

    if urls := [photo for photo in photos if is_url(photo)]:
        raise typer.BadParameter(f"'{shown(urls[0])}' is at a URL; copy it here first", param_hint="PHOTO...")

    from harcli.errors import HarcliError
    from harcli.explain.sheet import draw
    from harcli.explain.shown import show
    from harcli.explain.subject import open_subject
    from harcli.people import PersonDetector, WholeImage, load_detector
    from harcli.photos.find import find_photos
    from harcli.pictures.marked import EXPLAIN, save_marked
    from harcli.runtime import limit_threads
    from harcli.video import check_no_video

    limit_threads(threads)
    places = list(map(Path, photos))
    files = find_photos(places).photos
    targets = _checked_targets(files, out, several=len(files) != 1 or places[0].is_dir())
    subject = open_subject(model)
    other = open_subject(without_supervision) if without_supervision is not None else None
    _check_masks(subject, other)
    wanted = words(attributes)
    subject.indices(wanted)
    finder: PersonDetector = WholeImage() if no_detect else load_detector(detector)
    if subject.lacks:
        typer.echo(f"harcli: {subject.path} has no {', no '.join(subject.lacks)}; left out of the sheet", err=True)
    left_out: list[HarcliError] = []
    for file, target in zip(files, targets, strict=True):
        try:
            check_no_video(file)
            save_marked(draw(show(file, subject, finder, person, wanted, top, other)), target, EXPLAIN)
        except HarcliError as error:
            if len(files) == 1:
                raise
            left_out.append(error)
            typer.echo(f"harcli: {error}", err=True)
            continue
        write_out(os.fsencode(target) + b"\n")
    if left_out:
        raise typer.Exit(3 if len(left_out) < len(files) else 1)


def _checked_targets(files: Sequence[Path], out: Path | None, several: bool) -> list[Path]:
    """`_targets`; only earlier sheets are written over, no photo is."""
    from harcli.pictures.marked import EXPLAIN, is_marked

    targets = _targets(files, out, several)
    for target in targets:
        if os.path.lexists(target) and not is_marked(target, EXPLAIN):
            raise typer.BadParameter(
                f"'{target}' is there, and is no sheet of harcli explain's; name another", param_hint="--out"
            )
    return targets


def _targets(files: Sequence[Path], out: Path | None, several: bool) -> list[Path]:
    """Where each photo's sheet goes; photos of one name in several folders get different ones."""
    from harcli.errors import HarcliError
    from harcli.folders import make_folder

    if not files:
        raise HarcliError("no photos were found")
    if not several:
        target = out or Path(f"{files[0].stem}.explain.png")
        if target.is_dir():
            target = target / f"{files[0].stem}.explain.png"
        elif target.suffix.lower() != ".png":
            raise typer.BadParameter(f"'{target}' must end in .png, or be a folder", param_hint="--out")
        return [target]
    if out is None or out.suffix.lower() == ".png":
        raise typer.BadParameter("several photos need a folder for their sheets", param_hint="--out")
    make_folder(out)
    taken: set[str] = set()
    targets = []
    for file in files:
        stems = chain([file.stem], (f"{file.stem}-{i}" for i in count(2)))
        stem = next(stem for stem in stems if stem.casefold() not in taken)
        taken.add(stem.casefold())
        targets.append(out / f"{stem}.explain.png")
    return targets


def _check_masks(subject: Subject, other: Subject | None) -> None:
    """Both have a mask where two are to be compared."""
    from harcli.errors import HarcliError

    for each in (subject, other) if other is not None else ():
        if not each.has_mask:
            raise HarcliError(f"{each.path}: has no mask branch, so there are no masks to compare")
    if other is not None and other.mask_weight:
        typer.echo(
            f"harcli: {other.path} was trained with --mask-weight {other.mask_weight:g}: is it without supervision?",
            err=True,
        )
