"""What a folder of pseudo masks says of itself: how they were made, and what became of each person."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from harcli import strict_json
from harcli.datasets.transforms import CONTEXT
from harcli.errors import HarcliError
from harcli.folders import make_folder
from harcli.outputs.whole_file import whole_file

RULE = 2  # counts changes of how a mask is found and chosen, so that old and new ones do not mix
NOTE = "masks.json"
LIST = "masks.csv"


class Entry(NamedTuple):
    """A line of `<dataset>/masks.csv`.

    Attributes:
        file: the mask's file name.
        image: the image, inside the data set's folder.
        score: the instance's score, or None where nobody was found (then there is no file).
        overlap: IoU of its box with the target's.
        area: the mask's share of the crop.
    """

    file: str
    image: str
    score: float | None
    overlap: float
    area: float


class MaskLog:
    """`masks.csv` in a data set's folder of masks, one line per person, in the order in which they were done.

    A line is written after its mask file, so that a person without a line is not done, whatever lies there.

    Attributes:
        entries: the lines by file name.
    """

    def __init__(self, folder: Path) -> None:
        """Read what there is and append from now on.

        A line that a killed process left unfinished goes, and so does one whose mask is no longer there.

        Raises:
            HarcliError: the list is something else.
            OSError: the folder cannot be written to.
        """
        path = folder / LIST
        entries = read_entries(folder)
        self.entries = {k: entry for k, entry in entries.items() if entry.score is None or (folder / k).is_file()}
        folder.mkdir(parents=True, exist_ok=True)
        for half_done in folder.glob(".*.tmp"):
            half_done.unlink(missing_ok=True)  # by a process that was killed
        with whole_file(path, errors="surrogateescape") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(Entry._fields)
            writer.writerows(self.entries.values())
        self._file: TextIO = path.open("a", newline="", encoding="utf-8", errors="surrogateescape")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def add(self, entry: Entry) -> None:
        """Append a line."""
        self.entries[entry.file] = entry
        self._writer.writerow(entry)
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def settings(weights: Path, long_side: int) -> dict[str, Any]:
    """What decides how masks come out: they must be the same for all in a folder.

    Raises:
        HarcliError: the weights are missing or unreadable.
    """
    try:
        sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as error:
        raise HarcliError(
            f"{weights}: cannot be read ({error.strerror}); --weights names a segmentation model"
        ) from error
    return {
        **{"weights": weights.name, "sha256": sha256, "imgsz": long_side},
        **{"context": CONTEXT, "rule": RULE},
    }


def check_note(folder: Path, wanted: dict[str, Any]) -> None:
    """Refuse a folder whose masks were made in another way; the file name of the weights may change.

    Raises:
        HarcliError: they were, or the folder's note cannot be read.
    """
    path = folder / NOTE
    if not path.exists():
        return
    try:
        note: dict[str, Any] = strict_json.loads(path.read_text(encoding="utf-8"), finite=False)
        differing = [key for key in wanted if key != "weights" and note[key] != wanted[key]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HarcliError(f"{path}: not a note of `harcli masks`; choose another --out") from error
    if differing:
        shown = ", ".join(f"{key} {note[key]}, now {wanted[key]}" for key in differing)
        raise HarcliError(f"{folder}: holds masks made with other settings ({shown}); choose another --out")


def write_note(folder: Path, wanted: dict[str, Any]) -> None:
    """Say in the folder how its masks are made.

    Raises:
        HarcliError: it cannot be written to.
    """
    make_folder(folder)
    if not (folder / NOTE).exists():
        with whole_file(folder / NOTE) as file:
            file.write(json.dumps(wanted, indent=1) + "\n")


def read_entries(folder: Path) -> dict[str, Entry]:
    """The whole lines of `masks.csv` in a data set's folder of masks, by file name; none where there is no such file.

    Raises:
        HarcliError: it is something else.
    """
    path = folder / LIST
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        rows = list(csv.reader(io.StringIO(text[: text.rfind("\n") + 1], newline="")))
        if rows and tuple(rows[0]) != Entry._fields:
            raise ValueError(rows[0])
        return {f: Entry(f, i, float(s) if s else None, float(o), float(a)) for f, i, s, o, a in rows[1:]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise HarcliError(f"{path}: not a list of `harcli masks`; choose another --out") from error
