"""`harcli.toml`: options that always hold, below the command line; what a stranger's folder may not say in it."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.cli.settings import _options, load, settings_check
from harcli.doctor.check import BROKEN, OK
from harcli.errors import HarcliError
from harcli.results.columns import FIXED_COLUMNS, LAST_COLUMNS


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own file."""
    path = tmp_path_factory.mktemp("config") / "harcli.toml"
    path.touch()
    monkeypatch.setenv("HARCLI_SETTINGS", str(path))
    return path


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
    assert tag()[0] == ["female", "jeans"]
    assert tag("--without", "jeans")[0] == ["hat", "female"]
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("with-out = 'sex'", "harcli tag has no option 'with-out'; did you mean without?"),
        ("no-settings = true", "harcli tag has no option 'no-settings'"),
        ("help = true", "harcli tag has no option 'help'"),
        ("min-height = '30'", 'min-height: must be a number, not "30"'),
        ("min-height = true", "min-height: must be a number, not true"),
        ("max-people = 1.5", "max-people: must be a number, not 1.5"),
        ("max-people = 0", "max-people: it should be "),
        ("confidence = 2", "confidence: it should be "),
        ("sure = 1", "sure: must be true or false, not 1"),
        ("without = [1]", 'without: must be a list such as ["sex", "age"], not 1'),
        ("format = 'excel'", "format: 'excel' is not one of "),
        ("[tag]\nsure = true", "there is no table [tag]; options stand by themselves"),
        ("sure = ", "is not TOML"),
        ("x = " + "[" * 5000, "is not TOML"),
        ("out = '../x.csv'", "out: ../x.csv lies outside this folder"),
        ("out = ['x.csv', '/x.csv']", "out: /x.csv lies outside this folder"),
        ("store = '~/store.db'", "lies outside this folder"),
        ("save-crops = '..'", "save-crops: .. lies outside this folder"),
        ("detector = 'yolo.pt'", "detector: a .pt file can run programs"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(here: Path, text: str, said: str) -> None:
    (here / "harcli.toml").write_text(text)
    with pytest.raises(HarcliError) as caught:
        load()
    assert str(caught.value).startswith("harcli.toml: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (settings_check().state, settings_check().facts) == (BROKEN, {"readable": False})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("attributes = ['hatt']", "attributes: no attribute or group hatt; did you mean hat?"),
        ("without = 'hat, jeens'", "without: no attribute or group jeens; did you mean jeans?"),
        ("attributes = ['hat']\nwithout = ['hat']", "without: no attribute is left of hat; leave out fewer"),
        ("threshold = { hatt = 0.5 }", "threshold: no attribute or group hatt; did you mean hat?"),
        ("threshold = 2", "threshold: '2': expected a probability from 0 to 1"),
        ("threshold = ['hat=x']", "threshold: 'hat=x': expected a probability, or NAME=PROBABILITY, for example hat"),
        ("sure = true", "sure: the model tiny has no level 'sure' of tags (it has none); use thresholds"),
        ("sure = true\nmore = true", "sure: it excludes more"),
        ("min_height = -1", "min_height: it should be greater than or equal to 0"),
        ("max-memory = 0", "max-memory: it should be greater than or equal to 0.001"),
        ("fps = 0", "fps: it should be greater than or equal to 0.01"),
        ("batch-size = 0", "batch-size: it should be greater than or equal to 1"),
        ("threads = '2'", 'threads: must be a number, not "2"'),
        ("provider = 'gpu'", "provider: 'gpu' is not one of 'auto', 'cpu', "),
        ("paths = 'short'", "paths: 'short' is not one of 'named', 'absolute', 'relative'"),
        ("raw-preview = 'yes'", 'raw-preview: must be true or false, not "yes"'),
        ("ignore = 3", "ignore: must be a text, or a list of texts, not 3"),
        ("save-crops = '.'", "save-crops: '.': name a folder of its own"),
    ],
)
def test_a_command_that_finds_a_mistake_in_a_file_names_file_and_key(
    own: Path, here: Path, harcli: Callable, tiny_model: Path, text: str, said: str
) -> None:
    Image.new("RGB", (60, 90)).save(here / "a.png")
    own.write_text(text)
    done = harcli("tag", "a.png", "--no-store", "--no-detect", "--model", tiny_model, "--out", "o.csv", "--quiet")
    assert done.returncode == 1
    assert done.stderr.startswith(f"harcli: {own}: {said}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = 'nonsense'", "No model 'nonsense': "),
        ("detector = 'nonsense'", "nonsense is neither an .onnx nor a .pt file"),
        ("provider = 'coreml'", "Core ML cannot be used for "),
        ("store = 'a.png'", "a.png: the store cannot be used "),
    ],
)
def test_other_obstacles_say_which_value_of_a_file_they_are_about(
    here: Path, own: Path, harcli: Callable, text: str, said: str
) -> None:
    Image.new("RGB", (60, 90)).save(here / "a.png")
    own.write_text("max-people = 3\n")
    (here / "harcli.toml").write_text(text)
    without_store = {name: value for name, value in os.environ.items() if name != "HARCLI_STORE"}
    done = harcli("tag", "a.png", "--out", "o.csv", "--quiet", env=without_store)
    assert done.returncode == 1
    assert done.stderr.startswith(f"harcli: {said}")
    assert done.stderr.endswith(f" (harcli.toml: {text})\n".replace("'", '"'))


def test_what_the_command_line_says_is_not_blamed_on_the_file(here: Path, harcli: Callable, tiny_model: Path) -> None:
    Image.new("RGB", (60, 90)).save(here / "a.png")
    (here / "harcli.toml").write_text("without = ['hat']\nthreshold = 0.4\n")
    tag = ("tag", "a.png", "--no-store", "--no-detect", "--model", tiny_model, "--out", "o.csv")
    for option, value in (("--without", "jeens"), ("--threshold", "7"), ("--attributes", "jeens")):
        done = harcli(*tag, option, value)
        assert done.returncode == 2
        assert f"Invalid value for {option}: " in done.stderr


def test_show_names_the_file_too(here: Path, harcli: Callable, tiny_model: Path) -> None:
    Image.new("RGB", (60, 90)).save(here / "a.png")
    (here / "harcli.toml").write_text("without = ['hatt']\nno-detect = true\n")
    done = harcli("show", "a.png", "--model", tiny_model)
    assert done.returncode == 1
    assert "harcli: harcli.toml: without: no attribute or group hatt; did you mean hat?\n" in done.stderr


def test_ones_own_file_may_write_elsewhere(own: Path, here: Path) -> None:
    own.write_text("out = '~/attrs.db'\ndetector = 'yolo.pt'\n")
    values = load().values
    assert values == {"out": [os.path.expanduser("~/attrs.db")], "detector": "yolo.pt"}  # noqa: PTH111


def test_a_file_that_is_not_one(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "harcli.toml").mkdir()
    with pytest.raises(HarcliError, match="is not a file"):
        load()
    (here / "harcli.toml").rmdir()
    (here / "harcli.toml").write_bytes(b"x = '\xff'")
    with pytest.raises(HarcliError, match="is not UTF-8"):
        load()
    (here / "harcli.toml").write_bytes(b"\xef\xbb\xbfsure = true")  # as Windows' editor saves it
    assert load().values == {"sure": True}
    monkeypatch.setenv("HARCLI_SETTINGS", "nowhere.toml")
    with pytest.raises(HarcliError, match=r"nowhere\.toml: is not there"):
        load()


def test_the_doctor_shows_them(here: Path, own: Path, harcli: Callable) -> None:
    assert settings_check().text == "none (no harcli.toml)"
    own.write_text('without = ["sex"]\nout = "/home/jane/x.csv"\n')
    check = settings_check()
    assert (check.state, check.facts) == (OK, {"files": 1, "options": ["out", "without"]})
    assert check.text == f'{own}: without = ["sex"], out = "/home/jane/x.csv"'
    assert "sex" not in str(check.facts)
    assert 'without = ["sex"]' in " ".join(harcli("doctor", env={**os.environ, "COLUMNS": "400"}).stdout.split())
