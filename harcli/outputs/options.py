"""Which form a result file gets, and what can be told wrong about that before anything is computed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from harcli.errors import HarcliError
from harcli.extras import install
from harcli.near import did_you_mean
from harcli.outputs.whole_file import check_target
from harcli.photos.decode import is_photo

FORMATS = {
    **{".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"},
    **{".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".coco.json": "coco"},
}
"""The form that a file name's ending asks for."""

STANDARD_OUTPUT = Path("-")

_LONG = ("csv", "jsonl", "parquet")
_BINARY = ("parquet", "sqlite")
_JSON = {"json", "jsonl", "coco"}


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How results are written.

    Attributes:
        form: one of the values of `FORMATS`; empty: by the file name's ending.
        long: a row per person and attribute instead of one per person.
        csv_safe: no cell that a spreadsheet would take for a formula, and a byte order mark.
    """

    form: str = ""
    long: bool = False
    csv_safe: bool = False


class OptionsError(HarcliError):
    """The name and the options do not go together, whatever is on the disk."""


def check_output(target: Path, options: OutputOptions) -> None:
    """See that results could be written to `target`, or to standard output if it is `-`.

    Raises:
        OptionsError: the ending says no form, or the form has no such option.
        HarcliError: pyarrow or the folder is missing, or something other than a file is in the way.
    """
    form = form_of(target, options)
    if options.long and form not in _LONG:
        raise OptionsError(f"{target}: {form} has no long form; {_listed(_LONG)} have")
    if options.csv_safe and form != "csv":
        raise OptionsError(f"{target}: {form} is not CSV, so there is nothing to make safe for spreadsheets")
    if form == "parquet":
        need_pyarrow(str(target))
    if target == STANDARD_OUTPUT:
        if form in _BINARY:
            raise OptionsError(f"{form} cannot go to standard output; name a file")
    else:
        check_target(target)
        if is_photo(target):
            raise HarcliError(f"{target}: is a photo, and photos are never written over; name another file")


def need_pyarrow(target: str) -> None:
    """See that Parquet can be written.

    Raises:
        HarcliError: the package is missing.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise HarcliError(f"{target}: Parquet needs pyarrow: {install('parquet')}")


def fitting(target: Path, options: OutputOptions) -> OutputOptions:
    """The options without those that the target's form does not have: where several files are written at once, each
    takes what it can.

    Raises:
        OptionsError: see `form_of`.
    """
    form = form_of(target, options)
    return replace(options, long=options.long and form in _LONG, csv_safe=options.csv_safe and form == "csv")


def form_of(target: Path, options: OutputOptions) -> str:
    """The form that is asked for, one of the values of `FORMATS`.

    Raises:
        OptionsError: none is, or two that exclude each other.
    """
    forms = tuple(dict.fromkeys(FORMATS.values()))
    if options.form not in ("", *forms):
        others = did_you_mean([options.form], forms, f"there are {_listed(forms)}")
        raise OptionsError(f"there is no format '{options.form}'; {others}")
    by_ending = "" if target == STANDARD_OUTPUT else _by_ending(target)
    if not options.form and not by_ending:
        if target == STANDARD_OUTPUT:
            raise OptionsError("standard output has no ending; say the format, for example --format jsonl")
        raise OptionsError(f"'{target}' must end in {_listed(FORMATS, 'or')}; or say the format")
    form = options.form or by_ending
    if by_ending not in ("", form) and not {by_ending, form} <= _JSON:
        raise OptionsError(f"'{target}' ends like {by_ending}, but the format is to be {form}")
    return form


def _by_ending(target: Path) -> str:
    suffixes = [suffix.lower() for suffix in target.suffixes]
    return FORMATS.get("".join(suffixes[-2:])) or FORMATS.get("".join(suffixes[-1:]), "")


def _listed(words: Iterable[str], last: str = "and") -> str:
    *first, final = words
    return f"{', '.join(first)} {last} {final}"
