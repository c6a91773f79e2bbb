"""Runs that go on from a trained network: from a checkpoint, and from a model file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from harcli.cli.main import app
from harcli.cli.train_options import view
from harcli.models_dir import models_dir
from harcli.network import checkpoint
from harcli.recognition.metadata import KEY, ModelMetadata
from harcli.training.config import from_recipe
from harcli.training.optim import freeze
from harcli.training.start import open_start, view_of_start

Harcli = Callable[..., "subprocess.CompletedProcess[str]"]
BUILT_IN = models_dir() / "da-har-lite2" / "model.onnx"


@pytest.mark.slow
def test_corrections_of_the_built_in_model(
    train_harcli: Harcli, bus_photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The recipe of docs/training.md: right and wrong tags of a few people, two steps, a model, tags."""
    place = tmp_path / "data" / "labelled"
    place.mkdir(parents=True)
    bus = bus_photos / "bus.jpg"
    people = [(222, 405, 345, 860), (668, 390, 809, 880), (47, 398, 245, 903)]
    rows = [f"{bus},{','.join(map(str, box))},p{i},train,sunglasses jeans,bald" for i, box in enumerate(people * 2)]
    (place / "people.csv").write_text("path,x1,y1,x2,y2,photo,part,right,wrong\n" + "\n".join(rows) + "\n")
    run, model = tmp_path / "run", tmp_path / "corrected.onnx"
    data = ("--dataset", "labelled", "--root", tmp_path / "data")
    short = ("--iterations", "2", "--batch", "2", "--size", "64x32", "--lr", "1e-4", "--workers", "0")
    train_harcli("train", *data, "--labels", "shared", "--start", "da-har-lite2", *short, "--out", run)
    config = json.loads((run / "config.json").read_text())
    before = open_start("da-har-lite2")
    assert config["attributes"] == before.attributes  # all of them, though four are labelled
    train = config["run"]["train"]
    assert (train["size"], train["head_lr"], train["fixed_norms"]) == ([64, 32], 1e-4, True)

    after, about = checkpoint.load(run / "best.safetensors")
    assert about["datasets"] == [*before.datasets, "labelled"]  # the terms of these hold for it
    moved = {
        name for name, value in after.state_dict().items() if not torch.equal(value, before.model.state_dict()[name])
    }
    assert {"fc.weight", "backbone.layer4.0.body.0.weight", "head.confidence.bias"} <= moved
    assert not [name for name in moved if "running" in name]
    assert open_start(str(run / "best.safetensors")).fixed_norms  # a run that goes on from it must keep to that

    train_harcli(
        "export-onnx", run / "best.safetensors", "--thresholds", "da-har-lite2", "--crops", bus, "--out", model
    )
    theirs, ours = (
        ModelMetadata.from_json({p.key: p.value for p in onnx.load(path).metadata_props}[KEY], str(path))
        for path in (BUILT_IN, model)
    )
    assert ours.attributes == theirs.attributes
    assert (ours.levels, ours.min_height) == (theirs.levels, theirs.min_height)
    assert "PETA: research only" in ours.licence
    train_harcli("tag", bus, "--model", model, "--out", tmp_path / "attrs.csv")
    assert "upper-black" in (tmp_path / "attrs.csv").read_text()

    said = ("export-onnx", run / "best.safetensors", "--thresholds", "da-har-lite2", "--crops", bus, "--out", model)
    assert "leave out --min-gain" in train_harcli(*said, "--min-gain", "0.1", check=1).stderr


def test_one_rate_for_all_layers_unless_the_head_has_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begun = []
    monkeypatch.setattr("harcli.training.run.start", lambda spec, *_: begun.append(spec.train) or "")
    words = (
        "train",
        "--dataset",
        "labelled",
        "--labels",
        "shared",
        "--root",
        str(tmp_path),
        "--out",
        str(tmp_path / "x"),
    )
    for more in ((), ("--lr", "3e-5"), ("--head-lr", "1e-3")):
        done = CliRunner().invoke(app, [*words, "--start", "da-har-lite2", *more])
        assert done.exit_code == 0, done.output
    assert [(train.lr, train.head_lr) for train in begun] == [(2e-4, 2e-4), (3e-5, 3e-5), (2e-4, 1e-3)]


def test_sizes_are_those_of_the_network(trained: Path) -> None:
    assert view_of_start("da-har-lite2") == ((256, 128), (256, 128), 0.05)
    assert view_of_start(str(trained / "best.safetensors")) == ((64, 32), (64, 32), 0.05)
    assert view("modern", "peta", "", "", "", None, "da-har-lite2")["size"] == (256, 128)
    given = view("modern", "peta", "96x48", "", "", 0.1, "da-har-lite2")
    assert (given["size"], given["full"], given["margin"]) == ((96, 48), (96, 48), 0.1)
    assert view("modern", "peta", "", "", "", None, "") == {}


def test_fixed_norms_see_no_batch(trained: Path) -> None:
    model = open_start(str(trained / "best.safetensors")).model
    for fixed in (True, False):
        model.train()
        freeze(model, from_recipe("modern", fixed_norms=fixed))
        norms = {name: m for name, m in model.named_modules() if isinstance(m, nn.BatchNorm2d)}
        assert {m.training for name, m in norms.items() if name.startswith("backbone.layer4")} == {not fixed}
        assert all(p.requires_grad for p in norms["backbone.layer4.0.bn1"].parameters())
    assert not open_start(str(trained / "best.safetensors")).fixed_norms


def test_what_cannot_be_begun_with(root: Path, refused: Callable[..., str], tmp_path: Path) -> None:
    ours = ("train", "--dataset", "clothing_attributes", "--labels", "shared", "--root", root, "--out", tmp_path / "x")
    (tmp_path / "run.safetensors").mkdir()
    for start, told in (
        ("da-har-lite", "No model 'da-har-lite'"),
        (BUILT_IN.with_name("model.int8.onnx"), "is in int8"),
        (tmp_path / "gone.safetensors", "cannot be read as a checkpoint"),
        (tmp_path / "run.safetensors", "a folder; name a checkpoint in it"),
    ):
        assert told in refused(*ours, "--start", start)
    assert not (tmp_path / "x").exists()
