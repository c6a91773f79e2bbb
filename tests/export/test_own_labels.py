"""A checkpoint with a data set's own labels, as a user takes it to `harcli tag`: evaluate, export, evaluate, tag."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from typer.testing import CliRunner

from harcli.cli.main import app
from harcli.datasets import peta
from harcli.errors import HarcliError
from harcli.network import DaHar, DaHarConfig, checkpoint
from harcli.recognition.metadata import KEY, ModelMetadata

Run = Callable[..., "subprocess.CompletedProcess[str]"]
NAMES = [*peta.ATTRIBUTES[:6], "hat"]  # one that is canonical too


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    torch.manual_seed(3)
    model = DaHar(DaHarConfig(len(NAMES), 18))
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = None
        model.train()(torch.randn(8, 3, 64, 32))
        model.fc.weight.normal_(0, 0.1)
    train = {"size": [32, 32], "full": [64, 32], "margin": 0.1}
    about = {"attributes": NAMES, "labels": "own", "split": "2", "datasets": ["peta"], "train": train}
    checkpoint.save(tmp_path / "own.safetensors", model.eval(), about)
    return tmp_path / "own.safetensors"


def run(*words: object) -> None:
    done = CliRunner().invoke(app, list(map(str, words)))
    if done.exception is not None:
        raise done.exception


def test_from_checkpoint_to_tags(
    trained: Path, mini_peta: Path, tmp_path: Path, harcli: Run, rows: Callable[[Path], list[dict[str, str]]]
) -> None:
    data = ("--dataset", "peta", "--root", mini_peta)
    images = mini_peta / "peta" / "images"
    val, model = tmp_path / "val.json", tmp_path / "own.onnx"

    def scored(what: Path, *words: object) -> dict[str, Any]:
        run("evaluate", what, *data, *words, "--out", tmp_path / "scores.json")
        result: dict[str, Any] = json.loads((tmp_path / "scores.json").read_text())
        return result

    run("evaluate", trained, *data, "--part", "val", "--choose-thresholds", "--out", val)
    of_torch = scored(trained, "--thresholds", val)
    export = ("export-onnx", trained, "--thresholds", val, "--scores", tmp_path / "scores.json", "--crops", images)
    run(*export, "--out", model, "--min-gain=-99")
    props = {p.key: p.value for p in onnx.load(model).metadata_props}
    metadata = ModelMetadata.from_json(props[KEY], "own.onnx")
    assert metadata.names == NAMES
    assert metadata.groups == ["own"] * 6 + ["head"]
    assert (metadata.labels, metadata.split) == ("own", "2")
    assert (metadata.input.height, metadata.input.width, metadata.input.margin) == (64, 32, 0.1)

    # The model file is scored as the checkpoint is, without being told the labels, the split or the thresholds.
    of_onnx = scored(model)
    assert (of_onnx["split"], of_onnx["labels"]) == ("2", "own")
    assert of_onnx["inference"] == of_torch["inference"] == "full patch at 64x32"
    assert of_onnx["means"] == pytest.approx(of_torch["means"], abs=0.05)  # a threshold or a rank may just be crossed
    five = scored(model, "--inference", "five-crop")
    five_torch = scored(trained, "--inference", "five-crop", "--size", "64x32", "--thresholds", val)
    assert five["inference"] == five_torch["inference"] == "five crops of 64x32 from 73x37, logits averaged"
    assert five["means"] == pytest.approx(five_torch["means"], abs=0.05)
    assert five["means"] != of_onnx["means"]

    tagged = harcli("tag", images, "--no-detect", "--model", model, "--out", "tags.csv")
    assert tagged.returncode == 0, tagged.stderr
    people = rows(tmp_path / "tags.csv")
    assert len(people) == 60
    assert [name for name in people[0] if name in NAMES] == NAMES
    for person in people:  # own labels exclude nothing
        above = [n for n, t in zip(NAMES, metadata.thresholds, strict=True) if float(person[n]) > t + 1e-4]
        assert set(above) <= set(person["tags"].split(";"))


def test_sizes_that_the_network_cannot_have(trained: Path, tmp_path: Path) -> None:
    rows = {name: {"threshold": 0.5} for name in NAMES}
    (tmp_path / "val.json").write_text(json.dumps({"attributes": rows, "datasets": {}}))
    export = ("export-onnx", trained, "--thresholds", tmp_path / "val.json", "--crops", tmp_path)
    with pytest.raises(HarcliError, match="multiples of 16"):
        run(*export, "--out", tmp_path / "m.onnx", "--size", "100x50")


def test_a_model_file_does_not_tell_where_labels_of_ones_own_lay(
    trained: Path, mini_peta: Path, tmp_path: Path
) -> None:
    network, about = checkpoint.load(trained)
    checkpoint.save(trained, network, about | {"datasets": ["peta", f"{tmp_path}/anna/people.csv"]})
    run(
        "evaluate",
        trained,
        "--dataset",
        "peta",
        "--root",
        mini_peta,
        "--choose-thresholds",
        "--out",
        tmp_path / "a.json",
    )
    crops = mini_peta / "peta" / "images"
    run("export-onnx", trained, "--thresholds", tmp_path / "a.json", "--crops", crops, "--out", tmp_path / "m.onnx")
    props = {prop.key: prop.value for prop in onnx.load(tmp_path / "m.onnx").metadata_props}
    assert ModelMetadata.from_json(props[KEY], "m.onnx").datasets == ("peta", "people.csv")
    assert str(tmp_path).encode() not in (tmp_path / "m.onnx").read_bytes()
