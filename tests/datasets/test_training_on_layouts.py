"""The published layouts, from the command line to a scored checkpoint."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.datasets import rap, wider

Harcli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    ("name", "attributes", "size"),
    [
        ("rap", rap.ATTRIBUTES, [224, 112]),
        pytest.param("wider", wider.ATTRIBUTES, [224, 224], marks=pytest.mark.slow),
    ],
)
def test_the_papers_recipe(
    name: str, attributes: tuple[str, ...], size: list[int], root: Path, request: pytest.FixtureRequest, harcli: Harcli
) -> None:
    """`--recipe paper` alone has the paper's sizes (RAP's people twice as high as wide) and the published labels."""
    request.getfixturevalue(f"make_{name}")()
    out = root / "run"
    words = (
        "--dataset",
        name,
        "--root",
        root,
        "--recipe",
        "paper",
        "--depth",
        "18",
        "--iterations",
        "1",
        "--batch",
        "2",
    )
    done = harcli("train", *words, "--val-images", "0", "--out", out)
    assert done.returncode == 0, done.stderr
    config = json.loads((out / "config.json").read_text())
    assert config["attributes"] == list(attributes)
    assert config["run"]["train"]["size"] == size
    done = harcli("evaluate", out / "best.safetensors", "--dataset", name, "--root", root, "--out", root / "test.json")
    assert done.returncode == 0, done.stderr
    scores = json.loads((root / "test.json").read_text())
    assert {"mA", "Acc", "Prec", "Rec", "F1", "mAP"} <= set(scores["means"])
    assert scores["inference"] == f"full patch at {round(size[0] * 8 / 7)}x{round(size[1] * 8 / 7)}"
    words = ("--dataset", name, "--root", root, "--inference", "five-crop", "--out", root / "five.json")
    done = harcli("evaluate", out / "best.safetensors", *words)
    assert done.returncode == 0, done.stderr
    crops = json.loads((root / "five.json").read_text())["inference"]
    assert crops.startswith(f"five crops of {size[0]}x{size[1]} from {round(size[0] * 8 / 7)}x")
