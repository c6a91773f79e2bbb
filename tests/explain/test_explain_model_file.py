"""`harcli explain` with a model file: without torch, and with the maps of the checkpoint that it was exported from."""

from __future__ import annotations

import copy
import dataclasses
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image
from typer.testing import CliRunner

from harcli.cli.main import app
from harcli.errors import HarcliError
from harcli.explain.page import Page
from harcli.explain.sheet import draw
from harcli.explain.shown import show
from harcli.explain.subject import open_subject
from harcli.export.onnx_file import to_onnx, write
from harcli.network import DaHar, checkpoint
from harcli.people import WholeImage
from harcli.recognition.metadata import AttributeSpec, InputSpec, ModelMetadata

NAMES = ["male", "female", "hat", "jeans", "bag", "backpack"]
ABOUT = {"attributes": NAMES, "datasets": ["peta"], "train": {"size": [96, 64], "margin": 0.1}}
METADATA = ModelMetadata(
    "small", "7", tuple(AttributeSpec(name, "own", 0.5) for name in NAMES), InputSpec(96, 64, margin=0.1)
)
# Runs harcli where neither the training extra nor matplotlib is installed.
BARE = """
import sys
sys.modules |= dict.fromkeys(("torch", "torchvision", "onnx", "ultralytics", "safetensors", "scipy", "matplotlib"))
from harcli.cli.main import run
sys.argv = ["harcli", *sys.argv[1:]]
run()
"""


@pytest.fixture(scope="module")
def trained(make_network: Callable[..., DaHar], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "best.safetensors"
    checkpoint.save(path, make_network(len(NAMES)), ABOUT)
    return path


@pytest.fixture(scope="module")
def graph(trained: Path) -> onnx.ModelProto:
    return to_onnx(checkpoint.load(trained)[0], 96, 64)


@pytest.fixture
def export(graph: onnx.ModelProto, tmp_path: Path) -> Callable[..., Path]:
    """Writes the model file with these outputs."""

    def made(
        name: str = "small.onnx",
        outputs: Sequence[str] = ("probabilities", "mask", "attention"),
        metadata: ModelMetadata = METADATA,
    ) -> Path:
        part = copy.deepcopy(graph)
        kept = [output for output in part.graph.output if output.name in outputs]
        del part.graph.output[:]
        part.graph.output.extend(kept)
        write(part, metadata, tmp_path / name)
        return tmp_path / name

    return made


def test_without_torch_and_with_the_built_in_model(
    photos: Path, export: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An own model of the built-in one's name takes its place, so that the test does not depend on what ships."""
    export("own/da-har-lite2.onnx")
    monkeypatch.setenv("HARCLI_MODEL_DIR", str(tmp_path / "own"))

    def bare(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", BARE, "explain", str(photos / "bus.jpg"), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)

    done = bare("--person", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "bus.explain.png\n", "")
    with Image.open(tmp_path / "bus.explain.png") as sheet:
        assert sheet.format == "PNG"
        assert np.asarray(sheet.convert("L")).std() > 10
    done = bare("--model", "best.safetensors")
    assert done.returncode == 1
    assert done.stderr.endswith("is not installed; it comes with harcli[train] (in a clone: .[train])\n")


def test_maps_are_those_of_the_checkpoint(trained: Path, export: Callable[..., Path], assets: Path) -> None:
    ours, theirs = open_subject(str(export())), open_subject(str(trained))
    assert (ours.names, ours.margin, ours.lacks, ours.has_mask) == (theirs.names, theirs.margin, (), True)
    assert ours.title == "small 7, input 96x64"
    pixels = np.asarray(Image.open(assets / "bus.jpg").convert("RGB"))[400:900, 20:240]
    found, expected = ours.look(pixels), theirs.look(pixels)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-4)
    np.testing.assert_allclose(found.mask, expected.mask, atol=1e-4)
    np.testing.assert_allclose(found.attention, expected.attention, atol=1e-4)
    assert found.attention.shape == (6, 6, 4)
    assert (found.stages, found.self_masks) == (None, ())


def test_tags_are_those_of_the_files_thresholds(export: Callable[..., Path]) -> None:
    high = tuple(AttributeSpec(name, "own", 0.9 if name == "bag" else 0.4) for name in NAMES)
    subject = open_subject(str(export(metadata=dataclasses.replace(METADATA, attributes=high))))
    probabilities = np.array([0.1, 0.41, 0.39, 0.5, 0.8, 0.2], np.float32)
    assert subject.tagged(probabilities) == [3, 1]
    assert subject.most_certain(probabilities, 4) == [3, 1, 2, 4]  # bag is further from its threshold than hat


def test_what_a_file_does_not_give(
    export: Callable[..., Path], photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner, bus = CliRunner(), str(photos / "bus.jpg")
    export("old.onnx", outputs=["probabilities"])
    error = runner.invoke(app, ["explain", bus, "--model", "old.onnx"]).exception
    assert isinstance(error, HarcliError)
    assert str(error).startswith("old.onnx: gives probabilities only")
    assert "\n" not in str(error)
    assert not list(tmp_path.glob("*.png"))

    export("maskless.onnx", outputs=["probabilities", "attention"])
    done = runner.invoke(app, ["explain", bus, "--model", "maskless.onnx", "--top", "7"])
    assert (done.exit_code, done.stdout) == (0, "bus.explain.png\n")
    assert done.stderr == "harcli: maskless.onnx has no person mask; left out of the sheet\n"
    export()
    both = ["explain", bus, "--model", "small.onnx", "--without-supervision", "maskless.onnx"]
    assert "maskless.onnx: has no mask branch" in str(runner.invoke(app, both).exception)


def test_a_sheet_has_rows_for_what_there_is_only(export: Callable[..., Path], trained: Path, assets: Path) -> None:
    """The same attention in both; a checkpoint's features and self-masks need a row more."""
    of_file, of_checkpoint = (
        draw(show(assets / "zidane.jpg", open_subject(str(path)), WholeImage(), wanted=["hat"]))
        for path in (export(), trained)
    )
    assert of_file.width == of_checkpoint.width
    assert of_file.height < of_checkpoint.height


def test_words_stay_in_their_room() -> None:
    """A long name of a file or an attribute is written smaller, then cut; the next panel's is not written over."""
    panel = np.zeros((60, 30, 3), np.float32)
    long, short = Page(1, 0.5, "a" * 400, ""), Page(1, 0.5, "a", "")
    for page in (long, short):
        page.panel(0, 0, panel, "a" * 60 if page is long else "a")
    differ = np.argwhere((np.asarray(long.image) != np.asarray(short.image)).any(axis=2))
    assert long.image.size == short.image.size
    right = differ[differ[:, 0] > 100, 1].max()
    with_neighbour = Page(1, 0.5, "a", "")
    with_neighbour.panel(0, 1, panel, "a")
    dark = np.argwhere((np.asarray(with_neighbour.image)[150:] < 128).any(axis=2))[:, 1].min()
    assert right < dark
    assert differ[differ[:, 0] < 100, 1].max() < long.image.width - 20
