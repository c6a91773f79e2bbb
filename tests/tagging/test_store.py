"""What was found once is not computed again; another model, another setting and another choice get what is theirs."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from harcli.errors import HarcliError
from harcli.tagging import store_contents
from tests.tagging.conftest import run

pytestmark = pytest.mark.usefixtures("settled")


def test_the_second_run_computes_nothing_and_says_the_same(
    parts: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    paths = sorted(folder.iterdir())
    count, first = run(parts, tmp_path / "s" / "store.db", paths)
    again, second = run(parts, tmp_path / "s" / "store.db", paths)
    _, without = run(parts, None, paths)
    assert (count, again) == (10, 0)
    assert first == second == without
    assert len(first) == 20


def test_new_photos_are_computed_and_known_ones_not(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    paths = sorted(folder.iterdir())
    run(parts, tmp_path / "store.db", paths[2:7])
    count, records = run(parts, tmp_path / "store.db", paths)
    assert count == 5
    assert records == run(parts, None, paths)[1]


@pytest.mark.parametrize("what", ["model", "confidence"])
def test_other_settings_compute_anew_and_say_so(
    parts: SimpleNamespace, folder: Path, tmp_path: Path, what: str
) -> None:
    paths = sorted(folder.iterdir())
    run(parts, tmp_path / "store.db", paths)
    assert parts.other_settings == ""
    old_model = parts.model
    if what == "model":
        parts.model = parts.make_model("2")
    else:
        parts.detector.confidence = 0.7
    assert run(parts, tmp_path / "store.db", paths)[0] == 10
    assert (
        parts.other_settings
        == {
            "model": "model mean 2 instead of mean 1",
            "confidence": "confidence 0.7 instead of none",
        }[what]
    )
    parts.model = old_model
    if what == "confidence":
        del parts.detector.confidence
    assert run(parts, tmp_path / "store.db", paths)[0] == 0, "what the first settings found is still there"


def test_fresh_computes_anew_and_keeps_the_new(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    paths = sorted(folder.iterdir())
    shutil.copy(paths[0], folder / "copy.png")
    paths.append(folder / "copy.png")
    run(parts, tmp_path / "store.db", paths)
    assert run(parts, tmp_path / "store.db", paths, fresh=True)[0] == 10
    assert run(parts, tmp_path / "store.db", paths)[0] == 0


def test_choices_that_do_not_change_what_is_found_cost_nothing(
    parts: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    paths = sorted(folder.iterdir())
    everything = run(parts, tmp_path / "store.db", paths)[1]
    count, some = run(
        parts, tmp_path / "store.db", paths, without=["sex"], threshold={"hat": 0.9}, min_height=20, max_people=1
    )
    assert count == 0
    assert len(some) == 10
    assert {record.person for record in some} == {1}
    assert all(list(record.probabilities or ()) == list(parts.names[2:]) for record in some)
    assert [r.box for r in some] == [r.box for r in everything if r.person == 1]


def test_a_limit_on_megapixels_holds_for_known_photos_too(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    run(parts, tmp_path / "store.db", [folder / "1.png"])
    [record] = run(parts, tmp_path / "store.db", [folder / "1.png"], max_megapixels=0.0001)[1]
    assert "megapixels" in record.error


def test_a_run_that_fails_keeps_all_batches_but_the_one_at_work(
    parts: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    paths = sorted(folder.iterdir())
    recognise = parts.model.probabilities
    calls = iter(range(100))

    def fail_later(crops: list[object]) -> object:
        if next(calls) == 2:
            raise HarcliError("out of memory")
        return recognise(crops)

    parts.model.probabilities = fail_later
    with pytest.raises(HarcliError, match="out of memory"):
        run(parts, tmp_path / "store.db", paths)
    parts.model.probabilities = recognise
    count, records = run(parts, tmp_path / "store.db", paths)
    assert count == 6, "two batches, of four people in two photos each, are kept"
    assert records == run(parts, None, paths)[1]


@pytest.mark.parametrize("foreign", [b"no database at all, but text " * 9, b""])
def test_another_file_is_no_store(parts: SimpleNamespace, folder: Path, tmp_path: Path, foreign: bytes) -> None:
    path = tmp_path / "store.db"
    if foreign:
        path.write_bytes(foreign)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE mine (a)")
    before = path.read_bytes()
    with pytest.raises(HarcliError, match=r"store\.db: ") as caught:
        run(parts, path, [folder / "1.png"])
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    with pytest.raises(HarcliError):
        store_contents.remove(path)
    assert path.exists()


def test_contents_and_removal(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    run(parts, path, sorted(folder.iterdir()))
    parts.model = parts.make_model("2")
    run(parts, path, sorted(folder.iterdir())[:3])
    assert [(kept.photos, kept.model) for kept in store_contents.contents(path)] == [(10, "mean 1"), (3, "mean 2")]
    assert store_contents.remove_others(path) == 10
    assert [kept.photos for kept in store_contents.contents(path)] == [3]
    store_contents.remove(path)
    assert not path.exists()


def test_people_come_back_to_the_bit(parts: SimpleNamespace, folder: Path, tmp_path: Path) -> None:
    """Not rounded: boxes are float64, probabilities float32."""
    path = [folder / "7.png"]
    first = run(parts, tmp_path / "store.db", path)[1]
    second = run(parts, tmp_path / "store.db", path)[1]
    assert [replace(r, path="") for r in first] == [replace(r, path="") for r in second]
    assert any(p != round(p, 6) for p in (first[0].probabilities or {}).values())
