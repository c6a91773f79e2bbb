"""The options about result files that several commands have."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from harcli.outputs import OutputOptions


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


def check_outputs(targets: Sequence[Path], options: OutputOptions) -> None:
    """See that results could be written to all `targets`, before anything is computed.

    Of several targets, each takes the options that its form has (`harcli.outputs.fitting`).

    Raises:
        typer.BadParameter: name and options do not go together, no target has the form that an option is for, or a
            file is named twice.
        HarcliError: a folder or a package is missing, or something is in the way.
    """
    import os

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
