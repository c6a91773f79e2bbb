"""`harcli masks` as a user runs it, with a real segmentation model; it needs weights: HARCLI_SEG_PT names them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from harcli.datasets import load, read_boxes, with_boxes
from harcli.datasets.masks import with_masks
from harcli.errors import HarcliError
from harcli.people.ultralytics_guard import import_ultralytics
from harcli.training.pseudo_masks import context_crop
from harcli.training.segmenter import Segmenter

Run = Callable[..., "subprocess.CompletedProcess[str]"]

# The people in bus.jpg (the one at the right edge is cut off, and has a neighbour in none of them), and in zidane.jpg,
# who overlap.
BUS = [(222, 405, 345, 860), (668, 390, 809, 880), (47, 398, 245, 903)]
ZIDANE = [(122, 196, 1110, 718), (743, 41, 1150, 716)]


@pytest.fixture(scope="session")
def weights() -> Path:
    path = os.environ.get("HARCLI_SEG_PT")
    if path is None:
        pytest.skip(
            "no segmentation weights: set HARCLI_SEG_PT to a file such as yolo26n-seg.pt (Ultralytics downloads it by name)"
        )
    return Path(path)


def data_set(root: Path, images: list[Image.Image]) -> Path:
    """Clothing Attributes' layout."""
    folder = root / "clothing_attributes"
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for i, image in enumerate(images):
        image.convert("RGB").save(folder / "images" / f"{i + 1:06d}.jpg")
    savemat(folder / "labels" / "gender_GT.mat", {"GT": np.full((len(images), 1), 1.0)})
    return root


@pytest.fixture
def street(assets: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Five photos with several people, and a CSV that says which of them is meant: `(root, boxes)`."""
    bus, zidane = Image.open(assets / "bus.jpg"), Image.open(assets / "zidane.jpg")
    root = data_set(tmp_path / "street", [bus, bus, bus, zidane, zidane])
    lines = [f"clothing_attributes/images/{i + 1:06d}.jpg," + ",".join(map(str, b)) for i, b in enumerate(BUS + ZIDANE)]
    (tmp_path / "boxes.csv").write_text("path,x1,y1,x2,y2\n" + "\n".join(lines) + "\n")
    return root, tmp_path / "boxes.csv"


def command(root: Path, out: Path, weights: Path) -> list[str | Path]:
    return ["masks", "--dataset", "clothing_attributes", "--root", root, "--out", out, "--weights", weights]


def complaint(done: "subprocess.CompletedProcess[str]") -> str:
    """The last line on standard error; before it, the data set may have said what it lacks."""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_the_person_of_the_box_is_masked_and_not_the_neighbour(
    harcli: Run, street: tuple[Path, Path], tmp_path: Path, weights: Path
) -> None:
    root, boxes = street
    done = harcli(*command(root, tmp_path / "m", weights), "--boxes", boxes, "--sheet", tmp_path / "sheet.png")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.format == "PNG"
    samples = with_masks(with_boxes(load(["clothing_attributes"], root), read_boxes(boxes)), tmp_path / "m")
    for sample in samples:
        assert sample.mask is not None
        crop = context_crop(sample)
        with Image.open(sample.mask) as png:
            mask = np.asarray(png.resize(crop.pixels.size)) > 127
        x1, y1, x2, y2 = map(round, crop.box)
        inside = mask[y1:y2, x1:x2]
        assert inside.sum() > 0.93 * mask.sum()
        # A neighbour's mask would leave most of the box empty, or lie at one side of it.
        assert inside.mean() > 0.22
        rows, columns = np.nonzero(inside.any(axis=1))[0], np.nonzero(inside.any(axis=0))[0]
        assert rows[-1] - rows[0] > 0.85 * (y2 - y1)
        assert columns[-1] - columns[0] > 0.85 * (x2 - x1)

    note = json.loads((tmp_path / "m/masks.json").read_text())
    assert note["weights"] == weights.name
    assert len(note["sha256"]) == 64
    other = harcli(*command(root, tmp_path / "m", weights), "--imgsz", "256")
    assert other.returncode == 1
    assert "holds masks made with other settings (imgsz 320, now 256)" in complaint(other)


def test_killed_and_run_again_it_misses_nobody(harcli: Run, assets: Path, tmp_path: Path, weights: Path) -> None:
    bus = Image.open(assets / "bus.jpg")
    people = [bus.crop((x1 - i, y1, x2, y2)).resize((40, 100)) for i in range(33) for x1, y1, x2, y2 in BUS[::2]]
    nobody = [bus.crop((0, 0, 200, 200))] * 4
    root, out = data_set(tmp_path / "data", people + nobody), tmp_path / "m"
    running = subprocess.Popen([sys.executable, "-m", "harcli", *command(root, out, weights)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 200
    while not list(out.rglob("*.png")) and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    done = harcli(*command(root, out, weights))
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((out / "clothing_attributes/masks.csv").open()))
    assert sorted(row["image"] for row in rows) == [f"images/{i + 1:06d}.jpg" for i in range(70)]
    found = [row for row in rows if row["score"]]
    assert len(found) >= 64
    assert all(int(row["image"][7:13]) <= 66 for row in found)  # nobody where nobody is
    for row in found:
        with Image.open(out / "clothing_attributes" / row["file"]) as mask:
            mask.load()


def test_a_missing_model_is_told_in_one_line(harcli: Run, street: tuple[Path, Path], tmp_path: Path) -> None:
    done = harcli(*command(street[0], tmp_path / "m", tmp_path / "gone.pt"))
    assert done.returncode == 1
    gone = tmp_path / "gone.pt"
    assert complaint(done) == (
        f"harcli: {gone}: cannot be read (No such file or directory); --weights names a segmentation model"
    )
    assert not (tmp_path / "m").exists()


def test_models_that_cannot_serve_are_refused(tmp_path: Path, weights: Path) -> None:
    text, things = tmp_path / "text.pt", tmp_path / "things.pt"
    text.write_text("no model")
    model = import_ultralytics().YOLO(str(weights))
    model.model.names = {i: f"thing {i}" for i in model.names}
    model.save(str(things))
    cases = {text: "cannot be opened", things: "none of its 80 classes is person"}
    if detector := os.environ.get("HARCLI_YOLO_PT"):
        cases[Path(detector)] = "one for segmentation"
    for file, expected in cases.items():
        with pytest.raises(HarcliError, match=expected) as told:
            Segmenter(file)
        assert str(file) in str(told.value)
        assert "\n" not in str(told.value)


@pytest.mark.slow
def test_masks_agree_with_cocos_polygons(weights: Path) -> None:
    data = os.environ.get("HARCLI_DATA")
    if data is None or not (Path(data) / "coco128").is_dir():
        pytest.skip(
            "COCO128 is missing: set HARCLI_DATA to the folder that holds coco128/ "
            "(coco128.zip of github.com/ultralytics/assets/releases)"
        )
    script = Path(__file__).parents[2] / "benchmarks/masks.py"
    told = subprocess.run(
        [sys.executable, script, "--data", data, "--weights", weights], capture_output=True, text=True, timeout=500
    )
    assert told.returncode == 0, told.stderr
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in told.stdout.splitlines()[2:]]
    for _, people, mean, median, _, neighbours, _ in rows:
        assert int(people) == 90
        assert float(mean) > 0.7
        assert float(median) > 0.8
        assert int(neighbours) <= 6
