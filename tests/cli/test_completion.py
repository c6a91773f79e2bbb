"""What Tab offers, asked for as the shells ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

needs_bash = pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("bash") is None, reason="needs bash: apt install bash"
)


def offered(harcli: Callable, line: str, **environment: str) -> list[str]:
    """What bash is given for `line`, whose last word is being completed."""
    words = line.split(" ")
    asked = {"_HARCLI_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = harcli(env=os.environ | asked | environment)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("harcli fi", ["find"]),
        ("harcli tag photos --model da-", ["da-har-fast", "da-har-lite2"]),
        ("harcli tag photos --model pers", []),  # the person detector is no model for --model
        ("harcli models show pers", ["person-detector"]),
        ("harcli tag photos --without sungl", ["sunglasses"]),
        ("harcli tag photos --without sex,lower-bo", ["sex,lower-body"]),
        ("harcli tag photos --without backpa", []),  # the model has no backpack
        ("harcli tag photos --attributes bear", []),
        ("harcli tag photos --model nowhere --without bear", ["beard"]),  # the command will say what is wrong
        ("harcli tag photos --without head,hea", []),  # there already
        ("harcli tag photos --provider c", ["cpu", "cuda", "coreml"]),
        ("harcli train --loss ", ["bce", "weighted", "focal", "mixed"]),
        ("harcli train --recipe p", ["paper"]),
        ("harcli train --optimiser s", ["sgd"]),
        ("harcli train --schedule ", ["cosine", "steps"]),
        ("harcli evaluate model.onnx --part tr", ["train", "trainval"]),
        ("harcli find attrs.db hat and sungl", ["sunglasses"]),
        ("harcli find attrs.db hat n", ["necktie", "necklace", "not"]),
    ],
)
def test_bash_is_given(harcli: Callable, line: str, expected: list[str]) -> None:
    assert offered(harcli, line) == expected


def test_what_is_offered_is_what_is_taken() -> None:
    """The options' own lists; what takes them has lists of its own, which take longer to load."""
    from typer.main import get_command

    from harcli.cli.evaluate import PARTS
    from harcli.cli.main import app
    from harcli.evaluation.ap import AVERAGE_PRECISIONS
    from harcli.evaluation.instance import CONVENTIONS
    from harcli.training.config import LOSSES, PRECISIONS, RECIPES
    from harcli.training.spec import TRAIN_PARTS

    commands: Any = get_command(app)
    options = {
        (command, parameter.name): set((parameter.metavar or "").split("|"))
        for command in ("train", "evaluate")
        for parameter in commands.commands[command].params
    }
    assert options["train", "loss"] == set(LOSSES)
    assert options["train", "recipe"] == set(RECIPES)
    assert options["train", "train_part"] == set(TRAIN_PARTS)
    assert options["train", "precision"] == options["evaluate", "precision"] == set(PRECISIONS)
    assert options["evaluate", "part"] == set(PARTS)
    assert options["evaluate", "ap"] == set(AVERAGE_PRECISIONS)
    assert options["evaluate", "convention"] == set(CONVENTIONS)


def test_what_the_named_model_has_is_offered(harcli: Callable, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="a model file is made with onnx: pip install '.[dev]'")
    from harcli.recognition.metadata import KEY, AttributeSpec, InputSpec, ModelMetadata

    attributes = (AttributeSpec("beard", "head", 0.5), AttributeSpec("my-own", "own", 0.5))
    model = onnx.ModelProto(ir_version=10)
    text = ModelMetadata("mine", "1", attributes, InputSpec(8, 4)).to_json()
    onnx.helper.set_model_props(model, {KEY: text})
    onnx.save(model, str(tmp_path / "mine.onnx"))
    (tmp_path / "empty.onnx").touch()
    assert offered(harcli, "harcli tag p --model mine.onnx --attributes ") == ["head", "own", "beard", "my-own"]
    assert offered(harcli, "harcli tag p --model mine.onnx --without hat") == []
    assert offered(harcli, "harcli tag p --model empty.onnx --without hat") == ["hat"]


def test_what_results_have_is_offered(harcli: Callable, tmp_path: Path) -> None:
    from harcli.recognition.metadata import AttributeSpec
    from harcli.results import RunInfo
    from harcli.results.database import DatabaseSink

    info = RunInfo((AttributeSpec("beard", "head", 0.5), AttributeSpec("upper-red", "upper-colour", 0.5)), "/")
    with DatabaseSink(tmp_path / "attrs.db", info):
        pass
    assert offered(harcli, "harcli find attrs.db beard and u") == ["upper-red"]
    assert offered(harcli, "harcli find attrs.db h") == []
    assert offered(harcli, "harcli report attrs.db --out a.html --without u") == ["upper-colour", "upper-red"]
    assert offered(harcli, "harcli show a.jpg --from attrs.db --without h") == ["head"]


def test_own_models_are_offered(harcli: Callable, tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").touch()
    assert offered(harcli, "harcli tag photos --model mi", HARCLI_MODEL_DIR=str(tmp_path)) == ["mine"]
    assert offered(harcli, "harcli tag photos --model mi", HARCLI_MODEL_DIR="nowhere") == []


@needs_bash
def test_the_script_works_in_bash(harcli: Callable, program: dict[str, str], tmp_path: Path) -> None:
    script = harcli(env=os.environ | {"_HARCLI_COMPLETE": "source_bash"}).stdout
    commands = (
        'COMP_WORDS=(harcli tag --model da-har-l); COMP_CWORD=3; _harcli_completion harcli; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{commands}"], env=program, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "da-har-lite2\n"


@needs_bash
def test_it_installs_itself_for_the_shell_that_calls(program: dict[str, str], tmp_path: Path) -> None:
    command = ["bash", "-c", "harcli --install-completion; exit $?"]
    subprocess.run(command, env=program, capture_output=True, timeout=60, check=True)
    installed = (tmp_path / ".bash_completions" / "harcli.sh").read_text()
    assert "complete -o default -F _harcli_completion harcli" in installed
    assert "harcli.sh" in (tmp_path / ".bashrc").read_text()


@pytest.fixture
def program(tmp_path: Path) -> dict[str, str]:
    """An environment with a program `harcli`, whose home is the test's folder."""
    script = tmp_path / "bin" / "harcli"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m harcli "$@"\n')
    script.chmod(0o755)
    return os.environ | {"PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
