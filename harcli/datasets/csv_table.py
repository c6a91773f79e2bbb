"""CSV files as programs write them: pandas, R, and spreadsheets of several countries.

Commas, semicolons or tabs; UTF-8 with or without a byte order mark, or UTF-16 with one; a column of row numbers; `NaN`
and its like for nothing; columns and lines that are empty all through.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from harcli.errors import HarcliError
from harcli.near import near

NOTHING = frozenset({"NaN", "nan", "-nan", "NA", "<NA>", "N/A", "n/a", "#N/A", "NULL", "null", "None", "NaT"})
"""What programs write where there is no value."""

_SEPARATORS = (",", ";", "\t")
_NO_NAME = re.compile(r"|index|level_\d+|Unnamed: \d+(\.\d+)*|\.\.\.\d+")  # the last is R's
_WHOLE = re.compile(r"\d+(\.0+)?")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file.

    Attributes:
        header: the names of the columns, without that of row numbers.
        rows: line number and values by column; of a missing value an empty text.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_table(path: Path, columns: Collection[str] = ()) -> Table:
    """Read a file; one that is empty has no header.

    Args:
        columns: small-letter names that are known however they are capitalised.

    Raises:
        HarcliError: it cannot be read, is no CSV in UTF-8, or has a line of another length than the first.
    """
    lines, separator = _lines(path)
    if not lines:
        return Table((), ())
    header = [name.lower() if name.lower() in columns else name for name in lines[0][1]]
    values = []
    for number, cells in lines[1:]:
        cells = [_value(cell, separator) for cell in cells]
        values.append((number, _as_long_as(header, cells, path, number)))
    kept = [i for i in range(len(header)) if not _is_no_column(i, header, [cells for _, cells in values])]
    names = [header[i] for i in kept]
    if twice := [name for name in names if names.count(name) > 1]:
        raise HarcliError(f"{path}: has the column '{twice[0]}' twice")
    rows = ((number, {header[i]: cells[i] for i in kept}) for number, cells in values)
    return Table(tuple(names), tuple(rows))


def _lines(path: Path) -> tuple[list[tuple[int, list[str]]], str]:
    """Line number and stripped values of each line that is not empty, and what separates the values."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise HarcliError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        text = raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
        if "\0" in text:
            raise ValueError("it holds zeros; UTF-16 needs a byte order mark")
        separator, skipped = _separator(text)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except (csv.Error, ValueError) as error:
        raise HarcliError(f"{path}: not a CSV file in UTF-8 ({error})") from error
    return [(number, cells) for number, cells in lines if number > skipped and any(cells)], separator


def _separator(text: str) -> tuple[str, int]:
    """What stands between the values, and how many lines come before the column names: spreadsheets' `sep=;`."""
    first, _, rest = text.partition("\n")
    if first.strip().lower() in ("sep=,", "sep=;", "sep=\t"):
        return first.strip("\r")[4:5], 1
    first = first if first.strip() else rest.lstrip().partition("\n")[0]
    return max(_SEPARATORS, key=first.count), 0


def _value(cell: str, separator: str) -> str:
    if separator != "," and _DECIMAL_COMMA.fullmatch(cell):  # where a comma is the decimal sign
        return cell.replace(",", ".")
    return "" if cell in NOTHING else cell


def missing_column(path: Path, name: str, header: Sequence[str], known: Collection[str]) -> HarcliError:
    """That a file lacks a column, and which one may be meant for it: none of those that are known."""
    others = [other for other in header if other not in known]
    alike = "".join(f"; did you mean it by '{other}'?" for other in near(name, others)[:1])
    return HarcliError(f"{path}: has no column '{name}' in its first line ({', '.join(header)[:80]}){alike}")


def _as_long_as(header: list[str], cells: list[str], path: Path, number: int) -> list[str]:
    """The values without empty ones after the last column.

    Raises:
        HarcliError: there are more, or fewer.
    """
    if len(cells) < len(header) or any(cells[len(header) :]):
        raise HarcliError(f"{path}, line {number}: has {len(cells)} values, expected {len(header)}")
    return cells[: len(header)]


def _is_no_column(place: int, header: list[str], rows: list[list[str]]) -> bool:
    """Whether it holds row numbers (before all columns with a name), or has neither a name nor a value."""
    if not _NO_NAME.fullmatch(header[place]):
        return place == 0 and _counts_up([cells[0] for cells in rows])
    if not any(cells[place] for cells in rows):
        return True
    return all(map(_NO_NAME.fullmatch, header[:place])) and all(_WHOLE.fullmatch(cells[place]) for cells in rows)


def _counts_up(values: list[str]) -> bool:
    """Whether values are row numbers whatever their name, as of `to_csv(index_label="id")`: one after the other, from
    0 or 1 to at least 2, which no label can be."""
    return len(values) > 2 and any(
        values == [str(number) for number in range(first, first + len(values))] for first in (0, 1)
    )
