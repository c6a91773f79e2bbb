"""`harcli evaluate` on a checkpoint, as a user runs it; the figures against scikit-learn and a straight computation."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import average_precision_score, precision_recall_fscore_support
from typer.testing import CliRunner

from harcli.cli.main import app
from harcli.datasets import labels_of, load, peta
from harcli.datasets.transforms import MEAN, STD
from harcli.datasets.views import Views
from harcli.errors import HarcliError
from harcli.evaluation.predict import predict
from harcli.evaluation.subject import open_subject
from harcli.network import DaHar, checkpoint
from harcli.recognition.model import AttributeModel

SHARED = ["male", "female", "child", "elderly", "hat", "t-shirt", "boots"]
TRAIN = {"size": [64, 32], "full": [96, 64], "margin": 0.1}


@pytest.fixture(scope="module")
def own(make_network: Callable[..., DaHar], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with PETA's own labels and the paper's kind of sizes."""
    path = tmp_path_factory.mktemp("own") / "own.safetensors"
    about = {"attributes": list(peta.ATTRIBUTES), "labels": "own", "split": "0", "datasets": ["peta"], "train": TRAIN}
    checkpoint.save(path, make_network(35), about)
    return path


@pytest.fixture(scope="module")
def shared(make_network: Callable[..., DaHar], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with canonical attributes, as older ones are."""
    path = tmp_path_factory.mktemp("shared") / "shared.safetensors"
    about = {"attributes": SHARED, "datasets": ["peta"], "train": {"size": [64, 32]}}
    checkpoint.save(path, make_network(7), about)
    return path


def run(*words: object) -> str:
    done = CliRunner().invoke(app, ["evaluate", *map(str, words)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: object) -> str:
    with pytest.raises(HarcliError) as caught:
        run(*words)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_own_labels_by_the_standard_protocol(own: Path, mini_peta: Path, tmp_path: Path) -> None:
    out = tmp_path / "test.json"
    said = run(own, "--dataset", "peta", "--root", mini_peta, "--out", out)
    result = json.loads(out.read_text())
    assert (result["split"], result["labels"], result["images"]) == ("0", "own", 20)
    assert result["inference"] == "full patch at 96x64"
    assert list(result["attributes"]) == list(peta.ATTRIBUTES)

    samples = [s for s in load(["peta"], mini_peta, "0") if s.part == "test"]
    labels = labels_of(samples, peta.ATTRIBUTES, own=True)
    images = []
    for sample in samples:  # the whole image, so its margin is cut at the edge
        pixels = Image.open(sample.image).convert("RGB").resize((64, 96), Image.Resampling.BILINEAR)
        images.append((np.asarray(pixels, np.float32) / 255 - MEAN) / STD)
    with torch.inference_mode():
        model, _ = checkpoint.load(own)
        p = model(torch.tensor(np.array(images), dtype=torch.float32).permute(0, 3, 1, 2)).logits.sigmoid().numpy()
    precision, recall, _, _ = precision_recall_fscore_support(labels, p > 0.5, average="samples", zero_division=0)
    hit = p > 0.5
    tpr = (hit & (labels == 1)).sum(0) / np.maximum((labels == 1).sum(0), 1)
    tnr = (~hit & (labels == 0)).sum(0) / np.maximum((labels == 0).sum(0), 1)
    mean_ap = np.mean(
        [average_precision_score(labels[:, i], p[:, i]) for i in range(35) if 0 < labels[:, i].sum() < 20]
    )
    expected = {"Prec": precision, "Rec": recall, "F1": 2 * precision * recall / (precision + recall)}
    expected |= {"mA": ((tpr + tnr) / 2).mean(), "mAP": mean_ap}
    for name, value in expected.items():
        assert result["means"][name] == pytest.approx(value, abs=1e-3), name
    assert "rethinking" in said
    assert "scikit-learn" in said
    assert f"{result['means']['F1']:.4f}" in said


def test_five_crops_at_the_trained_size(own: Path, mini_peta: Path, tmp_path: Path) -> None:
    data = ("--dataset", "peta", "--root", mini_peta)
    run(own, *data, "--inference", "five-crop", "--out", tmp_path / "five.json")
    result = json.loads((tmp_path / "five.json").read_text())
    assert result["inference"] == "five crops of 64x32 from 96x64, logits averaged"
    samples = [s for s in load(["peta"], mini_peta, "0") if s.part == "test"]
    labels = labels_of(samples, peta.ATTRIBUTES, own=True)
    views = Views(samples, labels, peta.ATTRIBUTES, (96, 64), margin=0.1)
    model, _ = checkpoint.load(own)
    p = predict(model, views, five_crop=(64, 32))
    assert result["attributes"]["personalMale"]["AP"] == pytest.approx(
        average_precision_score(labels[:, 16], p[:, 16]), abs=1e-3
    )
    assert np.abs(p - predict(model, views)).max() > 1e-3


def test_conventions_parts_and_thresholds(own: Path, mini_peta: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.json"

    def result(*words: object) -> dict[str, object]:
        run(own, "--dataset", "peta", "--root", mini_peta, "--out", out, *words)
        return json.loads(out.read_text())

    assert result("--part", "trainval", "--split", "3")["images"] == 40
    plain = result()
    vtb = result("--convention", "per-sample-f1")
    assert "0.45 for all" in vtb["thresholds"]
    assert "VTB" in vtb["convention"]
    assert vtb["attributes"]["personalMale"]["threshold"] == 0.45
    voc = result("--ap", "voc2010", "--threshold", "0.5")
    assert voc["means"]["mAP"] > plain["means"]["mAP"]
    assert voc["means"]["mA"] == plain["means"]["mA"]
    high = result("--threshold", "1", "--convention", "rap-matlab")
    assert (high["means"]["Rec"], high["means"]["Prec"]) == (0, None)  # nobody has a prediction
    chosen = result("--part", "val", "--choose-thresholds")
    assert chosen["images"] == 10
    assert chosen["thresholds"].startswith("chosen on this part (val)")
    used = tmp_path / "val.json"
    out.rename(used)
    again = result("--thresholds", used)
    assert {n: row["threshold"] for n, row in again["attributes"].items()} == {
        n: row["threshold"] for n, row in chosen["attributes"].items()
    }


def test_groups_tables_and_chart(shared: Path, mini_peta: Path, tmp_path: Path) -> None:
    data = ("--dataset", "peta", "--root", mini_peta)
    said = run(shared, *data, "--groups", "sex,age", "--out", tmp_path / "x.json", "--chart", tmp_path / "bars.png")
    assert "men (" in said
    assert "male: error" in said
    result = json.loads((tmp_path / "x.json").read_text())
    assert result["split"] == "harcli"
    samples = [s for s in load(["peta"], mini_peta) if s.part == "test"]
    male = labels_of(samples, ["male"])[:, 0]
    assert result["groups"]["sex"]["men"]["images"] == (male == 1).sum()
    rates = result["groups"]["sex"]["women"]["attributes"]["male"]
    assert (rates["missed"], rates["positives"]) == (None, 0)
    with Image.open(tmp_path / "bars.png") as chart:
        assert chart.width > 800
        assert len(chart.convert("RGB").getcolors(1 << 20)) > 10
    run(shared, *data, "--out", tmp_path / "x.csv", "--out", tmp_path / "x.md")
    rows = list(csv.DictReader((tmp_path / "x.csv").open()))
    assert [row["attribute"] for row in rows] == SHARED
    assert float(rows[0]["AP"]) == result["attributes"]["male"]["AP"]
    text = (tmp_path / "x.md").read_text()
    assert text.startswith("shared.safetensors, test part of peta (split harcli), full patch at 64x32\n")
    assert "| peta | " in text
    assert "Convention: rethinking" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bars.png", "x.csv", "x.json", "x.md"]


def test_a_manifest_of_one_s_own(shared: Path, mini_peta: Path, tmp_path: Path) -> None:
    images = mini_peta / "peta" / "images"
    lines = [f"{images / f'{i:05d}.png'},test,{i % 2},{(i + 1) % 2},{i % 3 % 2}" for i in range(1, 13)]
    (tmp_path / "mine.csv").write_text("\n".join(["path,part,male,female,hat", *lines]) + "\n")
    out = tmp_path / "x.json"
    mine = ("--dataset", tmp_path / "mine.csv", "--root", tmp_path)
    run(shared, *mine, "--groups", "sex", "--out", out)
    result = json.loads(out.read_text())
    assert result["groups"]["sex"]["women"]["images"] == 6
    assert (result["attributes"]["hat"]["positives"], result["attributes"]["boots"]["known"]) == (4, 0)
    (tmp_path / "mine.csv").write_text("path,part,tattoo\n" + f"{images / '00001.png'},test,1\n")
    assert "none of which" in refused(shared, *mine)


def test_users_mistakes_get_one_line(own: Path, shared: Path, mini_peta: Path, tmp_path: Path) -> None:
    data = ("--dataset", "peta", "--root", mini_peta)
    for option, value in (("--part", "all"), ("--inference", "ten"), ("--ap", "map"), ("--convention", "rap")):
        assert f"{option} '{value}': choose" in refused(own, *data, option, value)
    assert "--groups 'size'" in refused(own, *data, "--groups", "sex,size")
    assert "must end in .json or .csv or .md" in refused(own, *data, "--out", tmp_path / "x.txt")
    assert "no folder" in refused(own, *data, "--chart", tmp_path / "none" / "x.png")
    assert "has no split 'zs'" in refused(own, *data, "--split", "zs")
    assert "multiples of 16" in refused(own, *data, "--size", "100x50")
    assert "only one of" in refused(own, *data, "--threshold", "0.5", "--choose-thresholds")
    val = tmp_path / "val.json"
    run(shared, *data, "--part", "val", "--choose-thresholds", "--out", val)
    assert "of another model" in refused(own, *data, "--thresholds", val)


def test_models_that_cannot_be_scored_get_one_line(
    make_network: Callable[..., DaHar], mini_peta: Path, tmp_path: Path
) -> None:
    data = ("--dataset", "peta", "--root", mini_peta)
    path = tmp_path / "m.safetensors"

    def saved(**about: object) -> Path:
        checkpoint.save(
            path, make_network(2), {"attributes": ["Front", "Back"], "labels": "own", "train": TRAIN} | about
        )
        return path

    assert "none of which peta labels" in refused(saved(split="0"), *data)
    assert "do not fit its network" in refused(saved(attributes=["Front"]), *data)
    assert "does not say its attributes" in refused(saved(train={}), *data)
    assert "has no split 'official'" in refused(saved(split="official"), *data)
    model = make_network(1)
    model.fc.bias.data.fill_(float("nan"))
    checkpoint.save(path, model, {"attributes": ["male"], "datasets": ["peta"], "train": TRAIN})
    assert "not numbers" in refused(path, *data)
    path.write_bytes(b"junk")
    assert str(path) in refused(path, *data)
    assert "does not exist" in refused(tmp_path / "none.onnx", *data) or "No model" in refused(
        tmp_path / "none.onnx", *data
    )


def test_an_installed_model_is_scored_in_float32_on_every_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where tagging takes int8: figures of two machines, and of two models, can be compared."""
    monkeypatch.setattr("harcli.runtime.precision._quickest", lambda provider: "int8")
    opened, load = [], AttributeModel.load
    assert load("da-har-lite2", "cpu").precision == "int8"
    monkeypatch.setattr(AttributeModel, "load", lambda *a, **k: opened.append(load(*a, **k)) or opened[-1])
    open_subject(Path("da-har-lite2"), None, five_crop=False)
    assert [model.precision for model in opened] == ["fp32"]
