"""Parquet that is damaged, changed by hand or of another kind: one line, and no answer that goes by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.results import RunInfo
from harcli.results.kept import open_results
from harcli.results.query import parse
from tests.results.conftest import INFO, NAMES, made_up, write

pytest.importorskip("pyarrow", reason="Parquet needs pip install '.[parquet]'")


def test_what_is_no_data_set_is_said(tmp_path: Path, harcli: Callable) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "mixed/a.parquet", made_up(3))
    write(tmp_path / "mixed/b.parquet", [], RunInfo(INFO.attributes[:2], "/"))
    write(tmp_path / "long.parquet", made_up(3), long=True)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1nonsense")
    cut = write(tmp_path / "cut.parquet", made_up(50)).read_bytes()
    (tmp_path / "cut.parquet").write_bytes(cut[: len(cut) // 2])
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"a": [1]}), tmp_path / "other.parquet")
    for name, said in {
        "empty": "there are no .parquet files in it",
        "mixed": "has other attributes or thresholds than",
        "long.parquet": "one row per attribute (--long) cannot be asked",
        "bad.parquet": "not results of harcli, or damaged",
        "cut.parquet": "not results of harcli, or damaged",
        "other.parquet": "not results of harcli, or damaged",
        "nowhere.parquet": "is not there",
    }.items():
        done = harcli("find", name, "hat")
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [("person", -1), ("track", -1), ("hat", 1.5), ("score", None), ("x1", 1e12), ("tags", ["unknown"]), ("path", None)],
)
def test_values_that_no_record_has_are_damage(tmp_path: Path, column: str, value: object) -> None:
    import pyarrow
    from pyarrow import parquet

    table = parquet.read_table(write(tmp_path / "a.parquet", [each for each in made_up(9) if each.person]))
    rows = table.to_pylist()
    rows[3][column] = value
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=table.schema), tmp_path / "a.parquet")
    with pytest.raises(HarcliError, match="damaged"), open_results(tmp_path / "a.parquet") as results:
        list(results.records())


@pytest.mark.parametrize(
    ("query", "minimum", "column", "value"),
    [
        *(("not hat > 0.5", None, "hat", value) for value in (float("nan"), 1.5, -1, None)),
        *(("not hat", 0.3, "hat", value) for value in (float("nan"), 1.5)),
        *(("Hat or not box-height > 1", None, "y2", value) for value in (float("nan"), None)),
    ],
)
def test_questions_are_not_answered_by_damaged_values(
    tmp_path: Path, query: str, minimum: float | None, column: str, value: float | None
) -> None:
    """nan is not above 0.5, which would make the photo one without a hat."""
    import pyarrow
    from pyarrow import parquet

    file = write(tmp_path / "a.parquet", [each for each in made_up(9) if each.person])
    where = parse(query, NAMES)

    def ask() -> Iterator[Callable[[], object]]:
        results = open_results(file)
        yield lambda: list(results.paths(where, minimum))
        if minimum is None:
            yield lambda: results.people(where)
            yield lambda: results.sample(3, where)

    for question in ask():
        assert question() is not None
    table = parquet.read_table(file)
    rows = table.to_pylist()
    rows[3][column] = value
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=table.schema), file)
    for question in ask():
        with pytest.raises(HarcliError, match="damaged"):
            question()
