"""What a store holds, for people who want to know or to be rid of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from harcli.errors import HarcliError
from harcli.tagging.store_file import connect, read_about


@dataclass(frozen=True, slots=True)
class Kept:
    """What one choice of settings found."""

    photos: int
    model: str
    detector: str
    confidence: str


def contents(path: Path) -> list[Kept]:
    """Findings by settings, those used last at the end.

    Raises:
        HarcliError: the file is not a store.
    """
    connection = connect(path)
    try:
        rows = connection.execute(
            "SELECT about, (SELECT count(*) FROM findings WHERE settings = id) FROM settings ORDER BY used"
        ).fetchall()
    except sqlite3.Error as error:
        raise HarcliError(f"{path}: cannot be read ({error})") from error
    finally:
        connection.close()
    kept = []
    for text, photos in rows:
        about = read_about(text)
        confidence = f" (--confidence {about['confidence']})" if about.get("confidence") else ""
        kept.append(
            Kept(
                photos, about.get("model", "a model that is not known any more"), about.get("detector", ""), confidence
            )
        )
    return kept


def remove(path: Path) -> None:
    """Remove the file.

    Raises:
        HarcliError: it is not a store, or may not be removed.
    """
    connect(path).close()  # nobody's other file goes by mistake
    try:
        path.unlink()
    except OSError as error:
        raise HarcliError(f"{path}: cannot be removed ({error.strerror})") from error


def remove_others(path: Path) -> int:
    """Remove the findings of all settings but those used last.

    Returns:
        How many.
    """
    connection = connect(path)
    try:
        with connection:
            last = "(SELECT id FROM settings ORDER BY used DESC LIMIT 1)"
            count = connection.execute(f"DELETE FROM findings WHERE settings <> {last}").rowcount
            connection.execute(f"DELETE FROM settings WHERE id <> {last}")
        connection.execute("VACUUM")
    except sqlite3.Error as error:
        raise HarcliError(f"{path}: cannot be written ({error})") from error
    finally:
        connection.close()
    return count
