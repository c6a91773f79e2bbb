"""`harcli.toml`: options that always hold, below the command line."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.cli.settings import _options, load, settings_check
from harcli.doctor.check import OK
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS


@pytest.fixture
def tag(harcli: Callable, tiny_model: Path, tmp_path: Path) -> Callable[..., tuple[list[str], str]]:
    """`tag(*arguments)`: the header of the result, and what is said."""
    Image.new("RGB", (60, 90), (250, 10, 10)).save(tmp_path / "a.png")

    def run(*arguments: str) -> tuple[list[str], str]:
        done = harcli("tag", "a.png", "--no-detect", "--model", tiny_model, "--out", "o.csv", *arguments)
        assert done.returncode == 0, done.stderr
        with (tmp_path / "o.csv").open(encoding="utf-8") as stream:
            return next(csv.reader(stream))[len(FIXED_COLUMNS) : -len(LAST_COLUMNS)], done.stderr

    return run


def test_the_folders_file_goes_before_the_users_and_the_command_line_before_both(
    here: Path, own: Path, tag: Callable
) -> None:
    own.write_text('without = ["sex"]\nquiet = false\n')
    attributes, said = tag()
    assert attributes == ["hat", "jeans"]
    assert f'harcli: settings of {own}: without = ["sex"]' in said
    (here / "harcli.toml").write_text('without = ["hat"]\n')
    attributes, said = tag()
    assert attributes == ["female", "jeans"]
    assert "settings of harcli.toml: without" in said
    assert f"settings of {own}: quiet = false\n" in said, "its other value does not count"
    attributes, said = tag("--without", "jeans")
    assert attributes == ["hat", "female"]
    assert "settings of harcli.toml" not in said
    assert tag("--without", "")[0] == ["hat", "female", "jeans"]
    attributes, said = tag("--no-settings")
    assert attributes == ["hat", "female", "jeans"]
    assert "settings of" not in said


def test_a_flag_is_put_out_of_force_for_once(here: Path, tag: Callable) -> None:
    (here / "harcli.toml").write_text("long = true\n")
    tag()
    assert "probability" in (here / "o.csv").read_text()
    tag("--no-long")
    assert "probability" not in (here / "o.csv").read_text()


def test_help_does_not_read_the_file(here: Path, harcli: Callable) -> None:
    (here / "harcli.toml").write_text("nonsense")
    assert harcli("tag", "--help").returncode == 0
    done = harcli("tag", "a.png", "--out", "o.csv")
    assert (done.returncode, done.stderr[:36]) == (1, "harcli: harcli.toml: is not TOML: Ex")


def test_show_takes_what_it_has(here: Path, harcli: Callable, tiny_model: Path) -> None:
    Image.new("RGB", (60, 90), (250, 250, 10)).save(here / "a.png")
    (here / "harcli.toml").write_text('without = "hat"\nno-detect = true\nout = "never.csv"\nlong = true\n')
    done = harcli("show", "a.png", "--model", tiny_model)
    assert done.returncode == 0, done.stderr
    assert "female" in done.stdout
    assert "hat" not in done.stdout
    assert not (here / "never.csv").exists()


EXAMPLES = {
    "on": "ray",
    **{"out": ["a.csv", "b.db"], "format": "csv", "paths": "relative", "save-crops": "crops", "model": "da-har-lite2"},
    **{"detector": "person-detector", "confidence": 0.5, "min-height": 30, "max-people": 3, "attributes": ["hat"]},
    **{"without": ["sex", "age"], "threshold": {"hat": 0.3}, "ignore": ["*.gif"], "store": "s.db", "provider": "cpu"},
    **{"precision": "fp32"},
    **{"batch-size": 8, "threads": 2, "max-megapixels": 50, "max-memory": 1.5, "photo-timeout": 10},
}


def test_every_option_of_tag_may_stand_in_it(own: Path, here: Path) -> None:
    import json

    _, kinds = _options()
    assert len(kinds) > 25
    for key, (name, kind) in kinds.items():
        value = True if kind is bool else EXAMPLES.get(key, 2 if kind in (int, float) else None)
        text = json.dumps(value) if not isinstance(value, dict) else "{ hat = 0.3 }"
        own.write_text(f"{key} = {text}\n")
        values = load().values
        assert list(values) == [name]
    own.write_text('without = ["sex", "age"]\nthreshold = { hat = 0.3 }\nmin_height = 20\n')
    assert load().values == {"without": "sex,age", "threshold": ["hat=0.3"], "min_height": 20}


def test_of_two_that_exclude_each_other_the_higher_counts(own: Path, here: Path) -> None:
    own.write_text('sure = true\nwithout = ["age"]\n')
    (here / "harcli.toml").write_text("more = true\n")
    assert load().values == {"without": "age", "more": True}


def test_the_command_line_counts_where_two_exclude_each_other(here: Path, tag: Callable) -> None:
    (here / "harcli.toml").write_text("fresh = true\nconfidence = 0.5\n")
    tag("--no-store")  # which excludes --fresh, as --no-detect excludes --confidence


def test_ones_own_file_may_write_elsewhere(own: Path, here: Path) -> None:
    own.write_text("out = '~/attrs.db'\ndetector = 'yolo.pt'\n")
    values = load().values
    assert values == {"out": [os.path.expanduser("~/attrs.db")], "detector": "yolo.pt"}  # noqa: PTH111


def test_the_doctor_shows_them(here: Path, own: Path, harcli: Callable) -> None:
    assert settings_check().text == "none (no harcli.toml)"
    own.write_text('without = ["sex"]\nout = "/home/jane/x.csv"\n')
    check = settings_check()
    assert (check.state, check.facts) == (OK, {"files": 1, "options": ["out", "without"]})
    assert check.text == f'{own}: without = ["sex"], out = "/home/jane/x.csv"'
    assert "sex" not in str(check.facts)
    assert 'without = ["sex"]' in " ".join(harcli("doctor", env={**os.environ, "COLUMNS": "400"}).stdout.split())
