"""People labelled by eye: a folder with `people.csv`, one row per person; docs/training.md tells how to make one.

| column | value |
|---|---|
| `path` | the photo or a cut-out of it, relative to the folder |
| `x1`, `y1`, `x2`, `y2` | optional: the person's box in its pixels; empty: all of it |
| `part` | optional: `train`, `val` or `test`; without it rows are divided by `photo`, or else by `path` |
| `photo` | optional: the photo that a cut-out is of, so that people of one photo are in one part |
| `source` | optional, for your own use |
| `sex`, `age`, `hair` … | words, see `harcli.datasets.words` |
| `right`, `wrong` | attributes that hold, or do not, see `harcli.datasets.verdicts`; saved by a report's page |
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from harcli.attributes import ATTRIBUTES as CANONICAL
from harcli.attributes import Rule
from harcli.datasets.csv_table import missing_column, read_table
from harcli.datasets.manifest import beside, box_of, check_part
from harcli.datasets.sample import SHARED_SPLIT, Published, Sample, part_by_name
from harcli.datasets.verdicts import VERDICTS, VerdictError, facts_of_verdicts
from harcli.datasets.words import WORDS, WordError, facts_of_words, read_words
from harcli.errors import HarcliError

TITLE = "people labelled by eye"
SOURCE = "your own"
TERMS = "people labelled by eye: the terms of their photos"
SPLITS = (SHARED_SPLIT,)
ATTRIBUTES = tuple(CANONICAL)
TABLE: dict[str, Rule] = {name: Rule((name,)) for name in CANONICAL}
FILES = ("people.csv",)
PUBLISHED = Published(images=0, samples=0)
_COLUMNS = ("path", "x1", "y1", "x2", "y2", "part", "photo", "source", "dataset", "image")
_LABELS = {*WORDS, *VERDICTS}
FASHION = "fashion_labels.csv"
"""Labels by eye of two data sets, beside their folders: `dataset`, `image` (the file's stem), then words."""


def holds_words(path: Path) -> bool:
    """Whether a `.csv` is a `people.csv` of labels by eye, and not a manifest that happens to have this name."""
    if path.name != FILES[0]:
        return False
    try:
        about = path.stat()
    except OSError:
        return False
    return _holds_words(path, about.st_mtime_ns, about.st_size)


@functools.lru_cache
def _holds_words(path: Path, *_version: int) -> bool:
    try:
        return bool(_LABELS & set(read_table(path, _LABELS).header))
    except HarcliError:
        return False  # whoever reads it says why


def load(root: Path, split: str = SHARED_SPLIT) -> list[Sample]:
    """The people of `root/people.csv`, or of `root` itself where it is that file.

    Raises:
        HarcliError: a value is not as the table above says (names the line and the column).
    """
    path = root / FILES[0] if root.is_dir() else root
    samples = []
    for number, row in _rows(path, ("path",)):
        part = check_part(path, number, row.get("part", ""))
        box = box_of(path, number, row)
        place = row.get("photo") or Path(row["path"]).as_posix()
        facts = _facts(path, number, row)
        samples.append(
            Sample("labelled", beside(path, row["path"]), facts, part or part_by_name(place), box, by_eye=facts)
        )
    if not samples:
        raise HarcliError(f"{path}: has no rows below the column names")
    return samples


def by_eye(folder: Path, dataset: str) -> dict[str, frozenset[str]]:
    """What `fashion_labels.csv` beside a data set's folder says of its images; empty without that file.

    They are named by the number of the file, without the zeros before it, which programs lose: `17` is 0017.jpg.

    Colours that no group of a row tells were not labelled there, so they stay unknown.

    Raises:
        HarcliError: the file cannot be read, or holds words that are none.
    """
    path = folder.parent / FASHION
    if not path.is_file():
        return {}
    colours = [group for group in WORDS if group.endswith("_colour")]
    found = {}
    for number, row in _rows(path, ("dataset", "image")):
        if row["dataset"] == dataset:
            if all(row.get(group) == "?" for group in colours):
                row = {name: value for name, value in row.items() if name not in colours}
            found[row["image"].removesuffix(".0").lstrip("0")] = _facts(path, number, row)
    return found


def _facts(path: Path, number: int, row: dict[str, str]) -> frozenset[str]:
    try:
        return facts_of_verdicts(row, facts_of_words(read_words(row)))
    except VerdictError as error:
        raise HarcliError(f"{path}, line {number}: {error}") from error
    except WordError as error:
        words = " ".join(WORDS[error.group])
        raise HarcliError(
            f"{path}, line {number}, column {error.group}: '{error}': expected words of {words}, or - or ?"
        ) from error


def _rows(path: Path, needed: tuple[str, ...]) -> Sequence[tuple[int, dict[str, str]]]:
    """Line number and values by column of each row."""
    table = read_table(path, (*_COLUMNS, *_LABELS))
    if missing := [name for name in needed if name not in table.header]:
        raise missing_column(path, missing[0], table.header, (*_COLUMNS, *_LABELS))
    if not _LABELS & set(table.header):
        raise HarcliError(f"{path}: has no column of labels; known are {', '.join((*WORDS, *VERDICTS))}")
    return table.rows
