"""A store that is damaged, changed by hand or of another kind: computed anew, or one line; never a wrong finding."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from harcli.errors import HarcliError
from harcli.outputs.whole_file import check_target
from harcli.results import Record
from harcli.tagging import kept, store_contents
from harcli.tagging.finding import Finding, Person, pack
from harcli.tagging.store_file import connect
from harcli.tagging.tagger import Tagger

pytestmark = [
    pytest.mark.usefixtures("settled"),
    pytest.mark.filterwarnings("ignore:.*some of what was kept is damaged"),
]


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for i, path in enumerate(paths):
        Image.new("RGB", (20, 30), (60 * i, 200, 10)).save(path)
    return paths


def run(parts: SimpleNamespace, store: Path | None, photos: list[Path]) -> tuple[int, list[Record], int]:
    """Photos that were detected in, the records, and how many findings were damaged."""
    before = parts.detector.photos
    with Tagger(parts.model, parts.detector, store=store) as tagger:
        records = [record for records in tagger.tag_files(photos) for record in records]
        damaged = tagger._store.damaged if tagger._store is not None else 0
        return parts.detector.photos - before, records, damaged


CHANGES = {
    "nothing is left of the people": "UPDATE findings SET people = x''",
    "a count without people": "UPDATE findings SET people = x'0500000000'",
    "a huge count": "UPDATE findings SET people = x'ffffffff' || substr(people, 5)",
    "other probabilities": "UPDATE findings SET people = substr(people, 1, length(people) - 2) || x'0000'",
    "cut short": "UPDATE findings SET people = substr(people, 1, length(people) - 4)",
    "text": "UPDATE findings SET people = 'two'",
    "a number": "UPDATE findings SET people = 2",
    "null": "UPDATE findings SET people = NULL",
    "another width": "UPDATE findings SET width = 21",
    "no width": "UPDATE findings SET width = NULL",
    "a width in words": "UPDATE findings SET width = 'wide'",
    "a height below 0": "UPDATE findings SET height = -30",
    "no checksum": "UPDATE findings SET checksum = NULL",
    "another checksum": "UPDATE findings SET checksum = x'0001020304050607'",
    "another photo's": "UPDATE findings SET people = (SELECT people FROM findings LIMIT 1)",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_damaged_is_computed_anew(
    parts: SimpleNamespace, photos: list[Path], tmp_path: Path, change: str
) -> None:
    expected = run(parts, None, photos)[1]
    run(parts, tmp_path / "store.db", photos)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute(change)
    count, records, damaged = run(parts, tmp_path / "store.db", photos)
    assert records == expected
    assert count == damaged >= 3
    assert run(parts, tmp_path / "store.db", photos)[::2] == (0, 0), "it is whole again"


def test_the_run_says_so_once(parts: SimpleNamespace, photos: list[Path], tmp_path: Path) -> None:
    run(parts, tmp_path / "store.db", photos)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE findings SET width = width + 1")
    with pytest.warns(RuntimeWarning, match=r"store\.db: some of what was kept is damaged") as told:
        run(parts, tmp_path / "store.db", photos)
    assert len(told) == 1


def test_a_hash_that_was_changed_leads_to_no_other_photo(
    parts: SimpleNamespace, photos: list[Path], tmp_path: Path
) -> None:
    expected = run(parts, None, photos)[1]
    run(parts, tmp_path / "store.db", photos)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE files SET content = (SELECT content FROM findings LIMIT 1)")
    assert run(parts, tmp_path / "store.db", photos)[:2] == (0, expected)


PERSON = Person((0.0, 0.0, 5.0, 9.0), 0.5, np.array([0.1, 0.9], np.float32))
BAD = {
    "a probability above 1": Person(PERSON.box, 0.5, np.array([0.1, 1.5], np.float32)),
    "nan": Person(PERSON.box, 0.5, np.array([0.1, np.nan], np.float32)),
    "a score of nan": Person(PERSON.box, float("nan"), PERSON.probabilities),
    "an endless box": Person((0.0, 0.0, float("inf"), 9.0), 0.5, PERSON.probabilities),
    "a box backwards": Person((9.0, 0.0, 5.0, 9.0), 0.5, PERSON.probabilities),
    "too many probabilities": Person(PERSON.box, 0.5, np.zeros(3, np.float32)),
}


@pytest.mark.parametrize("person", BAD.values(), ids=BAD)
def test_a_right_checksum_is_not_enough(person: Person) -> None:
    def back(person: Person) -> Finding | None:
        people = pack((person,))
        check = kept.checksum(b"c", "f", 20, 30, people)
        return kept.restored(b"c", "f", 2, 20, 30, people, check)

    assert back(PERSON) is not None
    assert back(person) is None


@pytest.mark.parametrize("text", ["no JSON", "[1]", "[" * 100_000, '{"model": 3, "x": NaN}', None])
def test_words_of_other_settings_that_cannot_be_read(
    parts: SimpleNamespace, photos: list[Path], tmp_path: Path, text: str | None
) -> None:
    run(parts, tmp_path / "store.db", photos)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE settings SET about = coalesce(?, x'ff')", (text,))
    parts.model = parts.make_model("2")
    count, records, _ = run(parts, tmp_path / "store.db", photos)
    assert count == 4
    assert not any(record.error for record in records)
    assert [kept.photos for kept in store_contents.contents(tmp_path / "store.db")] == [4, 4]


FOREIGN = {
    "findings without end": (
        "DROP TABLE findings",
        "CREATE VIEW findings AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT x'00' AS content, 1 AS settings, i AS width, i AS height, x'' AS people, x'' AS checksum FROM n",
    ),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM findings; END",),
    "a table is missing": ("DROP TABLE settings",),
    "a column is missing": ("ALTER TABLE findings DROP COLUMN people",),
    "a later version": ("PRAGMA user_version = 99",),
    "a version below 0": ("PRAGMA user_version = -5",),
    "no application": ("PRAGMA application_id = 0",),
}


@pytest.mark.parametrize("statements", FOREIGN.values(), ids=FOREIGN)
def test_another_file_ends_in_one_line(
    parts: SimpleNamespace, photos: list[Path], tmp_path: Path, statements: tuple[str, ...]
) -> None:
    run(parts, tmp_path / "store.db", photos)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        for statement in statements:
            connection.execute(statement)
    with pytest.raises(HarcliError, match=r"store\.db: ") as caught:
        run(parts, tmp_path / "store.db", photos)
    assert "\n" not in str(caught.value)


def test_every_kind_of_flipped_bytes(parts: SimpleNamespace, photos: list[Path], tmp_path: Path) -> None:
    """The records are those of an unharmed run, or there is one line."""
    expected = run(parts, None, photos)[1]
    run(parts, tmp_path / "whole.db", photos)
    whole = (tmp_path / "whole.db").read_bytes()
    rng = np.random.default_rng(3)
    for i in range(120):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 1 + i % 40):
            data[at] = rng.integers(256)
        path = tmp_path / "harmed.db"
        path.write_bytes(data[: len(data) if i % 5 else int(rng.integers(1, len(data)))])
        with contextlib.suppress(HarcliError):
            assert run(parts, path, photos)[1] == expected
            store_contents.contents(path)
        path.unlink(missing_ok=True)


def test_a_store_of_the_first_version_goes_on(parts: SimpleNamespace, photos: list[Path], tmp_path: Path) -> None:
    expected = run(parts, tmp_path / "store.db", photos)[1]
    with sqlite3.connect(tmp_path / "store.db") as connection:
        for table in ("findings", "files"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN checksum")
        connection.execute("PRAGMA user_version = 1")
    assert run(parts, tmp_path / "store.db", photos) == (0, expected, 0)
    assert run(parts, tmp_path / "store.db", photos) == (0, expected, 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions: run this on Linux or macOS")
@pytest.mark.parametrize(
    ("before", "after"), [(None, 0o600), (0o644, 0o600), (0o664, 0o600), (0o640, 0o600), (0o660, 0o660), (0o600, 0o600)]
)
def test_nobody_else_reads_it(tmp_path: Path, before: int | None, after: int) -> None:
    path = tmp_path / "store.db"
    old = os.umask(0)
    try:
        connect(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if before is not None:
            path.chmod(before)
        connect(path).close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == after


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions: run this on Linux or macOS")
def test_an_empty_file_becomes_private_and_a_foreign_one_is_left_alone(tmp_path: Path) -> None:
    for name, text in (("empty.db", ""), ("foreign.db", "a text of somebody's " * 9)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o644)
    connect(tmp_path / "empty.db").close()
    assert stat.S_IMODE((tmp_path / "empty.db").stat().st_mode) == 0o600
    with pytest.raises(HarcliError):
        connect(tmp_path / "foreign.db")
    assert stat.S_IMODE((tmp_path / "foreign.db").stat().st_mode) == 0o644


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders: run this on Linux or macOS")
def test_what_is_no_file_is_no_store(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    for path in (tmp_path / "pipe.db", tmp_path, Path(os.devnull)):
        with pytest.raises(HarcliError, match="the store cannot be used"):
            connect(path)


def test_results_never_take_the_place_of_a_store(
    harcli: Callable, photos: list[Path], tmp_path: Path, tiny_model: Path
) -> None:
    command = ("tag", photos[0], "--no-detect", "--model", tiny_model)
    assert harcli(*command, "--store", "s.db", "--out", "r.db").returncode == 0
    kept_bytes = (tmp_path / "s.db").read_bytes()
    (tmp_path / "link.db").symlink_to("s.db")
    for arguments in (
        (*command, "--store", "s.db", "--out", "s.db"),
        (*command, "--no-store", "--out", "link.db"),
        (*command, "--store", "new.db", "--out", "new.db"),
        ("export", "r.db", "--out", "s.db"),
    ):
        done = harcli(*arguments)
        assert done.returncode == 1, arguments
        assert "is the store" in done.stderr
        assert done.stderr.count("\n") == 1
    assert (tmp_path / "s.db").read_bytes() == kept_bytes
    shutil.copy(tmp_path / "r.db", tmp_path / "other.db")
    check_target(tmp_path / "other.db")
