"""The options about result files that several commands have."""

from __future__ import annotations

import enum
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harcli.remote.urls import is_url, shown

if TYPE_CHECKING:
    from harcli.outputs import OutputOptions
    from harcli.outputs.dataset.folder import Folder


class Format(str, enum.Enum):
    """The form of a result file."""

    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"
    sqlite = "sqlite"
    coco = "coco"


class PathStyle(str, enum.Enum):
    """How results name their photos."""

    named = "named"
    absolute = "absolute"
    relative = "relative"


def place(text: str) -> str | Path | Folder:
    """What the user names as a place for results: a URL as it is, or a path; or a folder of either kind, by the slash
    at its end, or since it is one with results."""
    from harcli.outputs.dataset.folder import ABOUT, Folder

    if is_url(text):
        return Folder(text) if text.endswith("/") else text
    path = Path(text)
    slashes = tuple(filter(None, (os.sep, os.altsep)))
    return Folder(path) if text.endswith(slashes) or (path / ABOUT).is_file() else path


def check_folders(folders: Sequence[Folder], options: OutputOptions, style: str) -> None:
    """See that data sets could be written into these folders.

    Raises:
        typer.BadParameter: the options are not for a data set, or a folder is named twice.
        HarcliError: pyarrow is missing, or something else is in a folder.
    """
    from harcli.outputs.options import need_pyarrow

    real = [os.path.realpath(each.place) if isinstance(each.place, Path) else str(each) for each in folders]
    for folder, itself in zip(folders, real, strict=True):
        if options.form not in ("", "parquet"):
            raise typer.BadParameter(f"'{folder}': a folder gets Parquet files, not {options.form}", param_hint="--out")
        if options.long:
            raise typer.BadParameter(f"'{folder}': a folder of results has no long form", param_hint="--long")
        if isinstance(folder.place, str) and style == PathStyle.relative.value:
            raise typer.BadParameter("no path is relative to a URL", param_hint="--paths")
        if real.count(itself) > 1:
            raise typer.BadParameter(f"'{folder}' is named twice", param_hint="--out")
        need_pyarrow(str(folder))
        folder.check()


def check_urls(urls: Sequence[str], style: str) -> list[Path]:
    """See that results could be written to these URLs.

    Returns:
        For each a file that it would be, for `check_outputs`; nothing is written there.

    Raises:
        typer.BadParameter, HarcliError: as `check_outputs`.
    """
    import tempfile

    from harcli.photos.kinds import PHOTO_ENDINGS
    from harcli.remote.upload import check_upload, name_of

    for url in urls:
        if style == PathStyle.relative.value:
            raise typer.BadParameter("no path is relative to a URL", param_hint="--paths")
        if not name_of(url):
            raise typer.BadParameter(f"'{shown(url)}' must end in the name of a file", param_hint="--out")
        if Path(name_of(url)).suffix.lower() in PHOTO_ENDINGS:
            raise typer.BadParameter(f"'{shown(url)}' has the name of a photo; name another", param_hint="--out")
        if urls.count(url) > 1:
            raise typer.BadParameter(f"'{shown(url)}' is named twice", param_hint="--out")
        check_upload(url)
    return [Path(tempfile.gettempdir(), f"harcli-{number}-{name_of(url)}") for number, url in enumerate(urls)]


def check_outputs(targets: Sequence[Path], options: OutputOptions) -> None:
    """See that results could be written to all `targets`, before anything is computed.

    Of several targets, each takes the options that its form has (`harcli.outputs.fitting`).

    Raises:
        typer.BadParameter: name and options do not go together, no target has the form that an option is for, or a
            file is named twice.
        HarcliError: a folder or a package is missing, or something is in the way.
    """
    from harcli.outputs import OptionsError, check_output, fitting

    try:
        taken = [fitting(target, options) for target in targets]
        for target, own in zip(targets, taken, strict=True):
            alone = options if not any(each.long for each in taken) else replace(options, long=own.long)
            if any(each.csv_safe for each in taken):
                alone = replace(alone, csv_safe=own.csv_safe)
            check_output(target, alone)
    except OptionsError as error:
        raise typer.BadParameter(str(error), param_hint="--out") from error
    files = [os.path.realpath(target) for target in targets]
    for target, file in zip(targets, files, strict=True):
        if files.count(file) > 1:
            raise typer.BadParameter(f"'{target}' is named twice", param_hint="--out")
        if _is_labelled(target):
            raise typer.BadParameter(
                f"'{target}' has labels by hand in it, which would be lost; name another", param_hint="--out"
            )


def _is_labelled(target: Path) -> bool:
    """Whether a table of people that somebody has begun to label lies there: results, with columns of docs/training.md.

    Columns between `error` and `note` are attributes, of whatever model.
    """
    if target.suffix.lower() != ".csv" or not target.is_file():
        return False

    from harcli.datasets.words import WORDS

    try:
        with target.open(encoding="utf-8-sig", errors="replace") as stream:
            columns = [column.strip(' "\r\n') for column in stream.readline(100_000).split(",")]
    except OSError:  # told where it is written
        return False
    if "error" in columns and "note" in columns:
        del columns[columns.index("error") : columns.index("note")]
    return not {"part", "right", "wrong", *WORDS}.isdisjoint(columns)
