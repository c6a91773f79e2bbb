"""The whole training wing as a user runs it: train, evaluate, export, tag; on a data set made of two real photos."""

import csv
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

BUS_PEOPLE = [(222, 405, 345, 860), (668, 390, 809, 880), (47, 398, 245, 903)]


def harcli(*words: object, check: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "harcli", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=280,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == check, done.stderr
    assert "Traceback" not in done.stderr
    return done


def photos() -> Path:
    return Path(importlib.util.find_spec("ultralytics").submodule_search_locations[0]) / "assets"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clothing Attributes' layout, 40 images: crops of the people in bus.jpg, half of them said to be men."""
    root = tmp_path_factory.mktemp("data")
    folder = root / "clothing_attributes"
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    bus = Image.open(photos() / "bus.jpg").convert("RGB")
    for i in range(40):
        x1, y1, x2, y2 = BUS_PEOPLE[i % 3]
        crop = bus.crop((x1 - i, y1, x2, y2 - i))
        crop.save(folder / "images" / f"{i + 1:06d}.jpg")
    rng = np.random.default_rng(0)
    values = {"gender": rng.integers(1, 3, 40), "collar": rng.integers(1, 3, 40), "scarf": np.full(40, np.nan)}
    for name, column in values.items():
        savemat(folder / "labels" / f"{name}_GT.mat", {"GT": column.astype(float)[:, None]})
    return root


@pytest.fixture(scope="module")
def run(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    harcli("train", "--dataset", "clothing_attributes", "--root", root, "--out", out, *SMALL)
    return out


SMALL = [
    "--depth",
    "18",
    "--iterations",
    "4",
    "--batch",
    "4",
    "--size",
    "64x32",
    "--small-size",
    "32x32",
    "--small-share",
    "0.5",
    "--min-positives",
    "5",
]


def test_run_folder_says_what_was_done(run: Path) -> None:
    config = json.loads((run / "config.json").read_text())
    assert config["attributes"] == ["male", "female", "collar"]  # scarf is known of nobody
    assert config["train"]["iterations"] == 4
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [line["iteration"] for line in lines] == [1, 2, 3, 4]
    assert "val mAP" in lines[-1]


def test_same_seed_same_weights(root: Path, run: Path, tmp_path: Path) -> None:
    harcli("train", "--dataset", "clothing_attributes", "--root", root, "--out", tmp_path, *SMALL)
    again, first = ((folder / "last.safetensors").read_bytes() for folder in (tmp_path, run))
    assert hashlib.sha256(again).hexdigest() == hashlib.sha256(first).hexdigest()  # the bytes would fill the screen


def test_evaluate_export_and_tag(root: Path, run: Path, tmp_path: Path) -> None:
    data = ("--dataset", "clothing_attributes", "--root", root)
    harcli(
        "evaluate",
        run / "last.safetensors",
        *data,
        "--part",
        "val",
        "--choose-thresholds",
        "--out",
        tmp_path / "val.json",
    )
    model = tmp_path / "m.onnx"
    export = ("export-onnx", run / "last.safetensors", "--thresholds", tmp_path / "val.json", "--crops", photos())
    said = harcli(*export, "--out", model, "--name", "tiny", "--half").stderr
    assert "largest difference" in said

    # The model file gives the same figures as the checkpoint, up to the rounding of its weights.
    harcli(
        "evaluate",
        run / "last.safetensors",
        *data,
        "--out",
        tmp_path / "torch.json",
        "--thresholds",
        tmp_path / "val.json",
    )
    harcli("evaluate", model, *data, "--out", tmp_path / "onnx.json")
    torch_ap, onnx_ap = (
        json.loads((tmp_path / f"{name}.json").read_text())["means"]["mAP"] for name in ("torch", "onnx")
    )
    assert onnx_ap == pytest.approx(torch_ap, abs=0.35)  # four images: one swap of ranks is a large step

    harcli("tag", photos() / "bus.jpg", "--model", model, "--out", tmp_path / "attrs.csv")
    rows = list(csv.DictReader((tmp_path / "attrs.csv").open()))
    assert {"male", "female", "collar"} <= set(rows[0])


def test_users_mistakes_get_one_line(root: Path, run: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "x")
    assert "unknown data set 'cpp'" in harcli("train", "--dataset", "cpp", "--root", root, *out, check=1).stderr
    assert "not a folder" in harcli("train", "--dataset", "peta", "--root", root, *out, check=1).stderr
    bad = harcli("train", "--dataset", "clothing_attributes", "--root", root, *out, "--size", "100x50", check=1)
    assert "multiples of 32" in bad.stderr
    taken = harcli("train", "--dataset", "clothing_attributes", "--root", root, "--out", run, check=1)
    assert "holds a run already" in taken.stderr
    junk = tmp_path / "junk.safetensors"
    junk.write_bytes(b"junk")
    assert str(junk) in harcli("evaluate", junk, "--dataset", "clothing_attributes", "--root", root, check=1).stderr
    for done in (bad,):
        assert done.stderr.count("\n") == 1
