"""What is wrong in a `harcli.toml`, or may not stand in that of a stranger's folder, is said with file and key."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harcli.cli.settings import load, settings_check
from harcli.doctor.check import BROKEN
from harcli.errors import HarcliError


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
    elsewhere = {"XDG_DATA_HOME": str(here / "data")}  # the user's own store stays as it is
    done = harcli("tag", "a.png", "--out", "o.csv", "--quiet", env=without_store | elsewhere)
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
