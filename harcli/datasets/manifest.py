"""A user's own data: a CSV file with a row for each person.

| column | value |
|---|---|
| `path` | the photo, relative to the CSV's folder |
| `x1`, `y1`, `x2`, `y2` | optional: the person's box in pixels of the photo as it is shown; empty: the whole photo |
| `mask` | optional: a PNG in the photo's size, relative to the CSV's folder, 0 where the person is not |
| `part` | optional: `train`, `val` or `test` |
| `person` | optional: who it is; samples without a part are divided by it, so that nobody is in two parts |
| any other | an attribute: 1, yes or true; 0, no or false; empty, ? or -1 where it is not known |

Numbers may be written as `1.0`, nothing as `NaN`; `harcli.datasets.csv_table` says what files are read.

Attributes with canonical names train together with other data sets; others serve as own labels.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harcli.attributes import ATTRIBUTES as CANONICAL
from harcli.attributes import Rule, known
from harcli.datasets.csv_table import missing_column, read_table
from harcli.datasets.files import on_disk, photo_size
from harcli.datasets.sample import SHARED_SPLIT, Box, Published, Sample, part_by_name
from harcli.datasets.words import WORDS
from harcli.errors import HarcliError
from harcli.recognition.metadata import NEVER_IN_TAGS, can_be_a_tag

TITLE = "own data"
SOURCE = "your own"
TERMS = "own data"
SPLITS = (SHARED_SPLIT,)
TABLE: dict[str, Rule] = {name: Rule((name,)) for name in CANONICAL}
PUBLISHED = Published(images=0, samples=0)

_BOX = ("x1", "y1", "x2", "y2")
_COLUMNS = ("path", *_BOX, "mask", "part", "person")
_WORDS: dict[str, bool | None] = {
    **{"yes": True, "y": True, "true": True, "t": True, "no": False, "n": False, "false": False, "f": False},
    **{"wahr": True, "vrai": True, "verdadero": True, "falsch": False, "faux": False, "falso": False},  # spreadsheets
    **{"": None, "?": None},
}
_NUMBERS: dict[float, bool | None] = {1.0: True, 0.0: False, -1.0: None}


def attributes(path: Path) -> tuple[str, ...]:
    """The attribute columns, in the file's order.

    Raises:
        HarcliError: the file cannot be read, or its first line is not that of a manifest.
    """
    return _attributes(path, read_table(path, _COLUMNS).header)


def _attributes(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    if "path" not in header:
        raise missing_column(path, "path", header, _COLUMNS)
    if 0 < len(set(_BOX) & set(header)) < 4:
        raise HarcliError(f"{path}: has some of the columns x1, y1, x2, y2; give all four, or none")
    names = tuple(name for name in header if name not in _COLUMNS)
    if not names or any(not name or name.startswith(("!", "Unnamed: ")) for name in names):
        raise HarcliError(f"{path}: expected the name of an attribute in each column but {', '.join(_COLUMNS)}")
    for name in names:
        if not can_be_a_tag(name):
            raise HarcliError(f"{path}: {name!r} cannot be the name of an attribute: it holds {NEVER_IN_TAGS}")
    return names


def load(path: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """The manifest's samples, each with the part of its row, or by its person or else its path: 80/10/10 %.

    Raises:
        HarcliError: a value is not as the table above says (names the line and the column), or a mask is missing.
    """
    table = read_table(path, _COLUMNS)
    names = _attributes(path, table.header)
    rows = [(number, _sample(path, number, row, names)) for number, row in table.rows]
    if not rows:
        raise HarcliError(f"{path}: has no rows below the column names")
    samples = [sample for _, sample in rows]
    for (number, sample), here in zip(rows, on_disk(samples), strict=True):
        if here and (sample.box or sample.mask):
            _check_place(path, number, sample)
    return samples


def _sample(path: Path, number: int, row: dict[str, str], names: tuple[str, ...]) -> Sample:
    def odd(column: str, expected: str) -> HarcliError:
        return HarcliError(f"{path}, line {number}, column {column}: '{row[column]}': expected {expected}")

    if not row["path"]:
        raise odd("path", "a photo's file")
    labels: dict[str, bool | None] = {}
    for name in names:
        try:
            labels[name] = _label(row[name])
        except (KeyError, ValueError):
            hint = "" if WORDS.keys().isdisjoint(row) else "; labels in words stand in a file named people.csv"
            raise odd(name, f"1, 0 or nothing (also yes, no, true, false, ?){hint}") from None
    box = box_of(path, number, row)
    mask = row.get("mask", "")
    if mask and not mask.lower().endswith(".png"):
        raise odd("mask", "a .png file")
    part = check_part(path, number, row.get("part", ""))
    person = re.sub(r"^(\d+)\.0$", r"\1", row.get("person", ""))  # numbers of a column that has gaps, from pandas
    return Sample(
        dataset=str(path),
        image=beside(path, row["path"]),
        facts=frozenset(known(labels)),
        part=part or part_by_name(person or Path(row["path"]).as_posix()),
        box=box,
        mask=beside(path, mask) if mask else None,
        person=person,
        whole_mask=bool(mask),
    )


def _label(text: str) -> bool | None:
    """Raises KeyError or ValueError where it is none."""
    word = text.lower()
    if word in _WORDS:
        return _WORDS[word]
    number = float(text)
    return None if math.isnan(number) else _NUMBERS[number]


def beside(path: Path, name: str) -> Path:
    """A file that the manifest names, without `..` where the folders allow, so that folders compare as they should.

    On systems where `\\` is a character like others, it is taken for `/` unless there is a file of that name.
    """
    if "\\" in name and os.sep == "/" and not (path.parent / name).exists():
        name = name.replace("\\", "/")
    return Path(os.path.normpath(path.parent / name))


def check_part(path: Path, number: int, part: str) -> str:
    """The part that a row names, or nothing; capitals do not matter.

    Raises:
        HarcliError: it is none.
    """
    given, part = part, part.lower()
    if part not in ("", "train", "val", "test"):
        raise HarcliError(f"{path}, line {number}, column part: '{given}': expected train, val, test or nothing")
    return part


def box_of(path: Path, number: int, row: Mapping[str, str]) -> Box | None:
    """The box of a row's columns x1, y1, x2, y2; None where they are empty or not there.

    Raises:
        HarcliError: they are no box.
    """
    values = [row.get(column, "") for column in _BOX]
    if not any(values):
        return None
    try:
        x1, y1, x2, y2 = map(float, values)
    except ValueError:
        x1, y1, x2, y2 = (math.nan,) * 4
    if not (x1 < x2 and y1 < y2 and all(map(math.isfinite, (x1, y1, x2, y2)))):
        raise HarcliError(
            f"{path}, line {number}, columns x1 to y2: '{', '.join(values)}': expected four numbers, x1 < x2, y1 < y2"
        )
    return x1, y1, x2, y2


def _check_place(path: Path, number: int, sample: Sample) -> None:
    """Box and mask must fit the photo: a box beside the photo, or a mask of another size, would show something else."""
    width, height = photo_size(sample.image)
    if sample.box and not (sample.box[0] < width and sample.box[1] < height and min(sample.box[2:]) > 0):
        raise HarcliError(f"{path}, line {number}: the box lies outside {sample.image}, which is {width} x {height}")
    if sample.mask and not sample.mask.is_file():
        raise HarcliError(f"{path}, line {number}, column mask: {sample.mask} is not there")
    if sample.mask and photo_size(sample.mask) != (width, height):
        raise HarcliError(
            f"{path}, line {number}, column mask: {sample.mask} is not in the size of its photo, {width} x {height}"
        )
