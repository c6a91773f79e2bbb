"""`harcli explain` as a process, on real photos, with a small network of random weights."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from harcli.cli.explain import _targets
from harcli.cli.main import app
from harcli.errors import HarcliError
from harcli.explain.shown import show
from harcli.explain.subject import open_subject
from harcli.network import DaHar, DaHarConfig, checkpoint
from harcli.people import WholeImage, load_detector
from harcli.photos.crop import crop
from harcli.photos.decode import decode
from tests.conftest import Run

NAMES = ["male", "female", "hat", "jeans", "bag", "own label"]
ABOUT = {"attributes": NAMES, "datasets": ["peta"], "train": {"size": [64, 32]}, "images": 1, "iteration": 1}


def network(path: Path, seed: int = 0, about: dict[str, object] = ABOUT, **switches: bool) -> Path:
    torch.manual_seed(seed)
    checkpoint.save(path, DaHar(DaHarConfig(len(NAMES), 18, **switches)), about)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return network(tmp_path_factory.mktemp("run") / "best.safetensors")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def test_a_sheet_for_each_photo_of_a_folder(harcli: Run, photos: Path, model: Path, tmp_path: Path) -> None:
    (photos / "again").mkdir()
    shutil.copy(photos / "bus.jpg", photos / "again" / "bus.jpg")
    Image.new("RGB", (64, 64), "white").save(photos / "empty.png")
    (photos / "torn.jpg").write_bytes((photos / "bus.jpg").read_bytes()[:5000])
    other = network(tmp_path / "other.safetensors", seed=1)
    done = harcli("explain", photos, "--model", model, "--without-supervision", other, "--out", "sheets")
    assert done.returncode == 3, done.stderr
    names = {"bus.explain.png", "bus-2.explain.png", "zidane.explain.png"}
    assert {p.name for p in (tmp_path / "sheets").iterdir()} == names
    assert sorted(Path(line).name for line in done.stdout.splitlines()) == sorted(names)
    errors = done.stderr.splitlines()
    assert len(errors) == 2
    assert any("empty.png: no person found" in line for line in errors)
    assert any("torn.jpg" in line for line in errors)
    bus, same, zidane = (pixels(tmp_path / "sheets" / n) for n in ("bus.explain.png", "bus-2.explain.png", "zidane.explain.png"))  # fmt: skip
    assert 1200 < bus.shape[1] == zidane.shape[1] < 2000
    assert 600 < bus.shape[0] < 2000
    assert 10 < bus.std() < 120
    half = min(len(bus), len(zidane))
    assert np.abs(bus[:half].astype(int) - zidane[:half]).mean() > 5
    # The two bus sheets are of one photo; the folders differ, the pictures do not.
    np.testing.assert_array_equal(bus, same)


def test_one_photo_one_file(photos: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("explain", photos / "bus.jpg", "--model", model, "--person", "3", "--attributes", "hat, own label")
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.stderr
    assert done.stdout.strip() == "bus.explain.png"
    assert pixels(tmp_path / "bus.explain.png").std() > 10
    assert not list(tmp_path.glob(".*.tmp"))


def test_only_sheets_are_written_over(photos: Path, model: Path, tmp_path: Path) -> None:
    photo, link = tmp_path / "zidane.png", tmp_path / "link.png"
    Image.open(photos / "zidane.jpg").save(photo)
    link.symlink_to(photo)
    before, words = photo.read_bytes(), ["explain", "--no-detect", "--model", str(model), "--out"]
    for target in (photo, link):
        done = CliRunner().invoke(app, [*words, str(target), str(photo)])
        assert done.exit_code == 2
        assert "is no sheet of harcli" in done.stderr
    assert photo.read_bytes() == before
    for _ in range(2):
        assert CliRunner().invoke(app, [*words, str(tmp_path / "sheet.png"), str(photo)]).exit_code == 0


def test_plain_resnet_says_what_is_left_out(photos: Path, tmp_path: Path) -> None:
    off = dict.fromkeys(("attention", "self_mask", "fusion", "masked_attention"), False)
    plain, out = network(tmp_path / "plain.safetensors", **off), tmp_path / "z.png"
    odd = photos / "多$x$.jpg"
    (photos / "zidane.jpg").rename(odd)
    words = ("explain", odd, "--model", plain, "--no-detect", "--out", out)
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.stderr
    assert "no self-masks, no person mask, no attention; left out" in done.stderr
    assert done.stderr.count("\n") == 1
    assert pixels(out).std() > 10


def test_mistakes_get_one_line(harcli: Run, photos: Path, model: Path, tmp_path: Path) -> None:
    bus = photos / "bus.jpg"
    (tmp_path / "m.onnx").write_bytes(b"")
    done = harcli("explain", bus, "--model", "m.onnx")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "m.onnx cannot be opened" in done.stderr

    maskless = network(tmp_path / "m.safetensors", masked_attention=False)
    silent = network(tmp_path / "s.safetensors", about={"attributes": NAMES})
    refused = {
        "cannot be read as a checkpoint": (bus, "--model", tmp_path / "none.safetensors"),
        "does not say its attributes and input size": (bus, "--model", silent),
        "has no attribute 'hta'; did you mean hat?": (bus, "--model", model, "--attributes", "hta"),
        "has no attribute 'xyz'; it has male": (bus, "--model", model, "--attributes", "xyz"),
        "there is no person 5; 4 people were found": (bus, "--model", model, "--person", "5"),
        "has no mask branch": (bus, "--model", model, "--without-supervision", maskless),
        "gone.jpg": (tmp_path / "gone.jpg", "--model", model),
        "no/x.png: there is no folder": (bus, "--model", model, "--out", tmp_path / "no" / "x.png"),
    }
    runner = CliRunner()
    for message, words in refused.items():
        error = runner.invoke(app, ["explain", *map(str, words)]).exception
        assert isinstance(error, HarcliError), error
        assert message in str(error)
        assert "\n" not in str(error)
    for words in (
        (bus, "--model", model, "--out", "x.jpg"),
        (photos, "--model", model),
        (photos, "--model", model, "--out", "x.png"),
        (bus, "--model", model, "--no-detect", "--person", "1"),
    ):
        assert runner.invoke(app, ["explain", *map(str, words)]).exit_code == 2
    assert not list(tmp_path.glob("**/*.explain.png"))


def test_probabilities_are_those_of_recognition(assets: Path, tmp_path: Path) -> None:
    """The crop is `harcli tag`'s, at the full size where there is one; the network sees it normalised."""
    about = ABOUT | {"train": {"size": [32, 32], "full": [96, 64], "margin": 0.2}}
    subject = open_subject(str(network(tmp_path / "m.safetensors", about=about)))
    rgb = decode(assets / "bus.jpg")
    people = sorted(load_detector(None, provider="cpu").detect([rgb])[0], key=lambda p: p.box)
    shown = show(assets / "bus.jpg", subject, load_detector(None, provider="cpu"), number=2)
    cut = crop(rgb, people[1].box, 0.2)
    np.testing.assert_array_equal(shown.crop, cut)
    small = np.asarray(Image.fromarray(cut).resize((64, 96), Image.Resampling.BILINEAR)) / 255
    x = (small - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    with torch.inference_mode():
        logits = checkpoint.load(subject.path)[0](torch.from_numpy(x.transpose(2, 0, 1)).float()[None]).logits[0]
    np.testing.assert_allclose(shown.maps.probabilities, 1 / (1 + np.exp(-logits.numpy())), rtol=1e-4)
    assert shown.maps.mask.shape == (6, 4)
    largest = show(assets / "bus.jpg", subject, load_detector(None, provider="cpu"))
    areas = [(p.box[2] - p.box[0]) * (p.box[3] - p.box[1]) for p in people]
    assert largest.title == f"bus.jpg, person {int(np.argmax(areas)) + 1} of 4"
    whole = show(assets / "bus.jpg", subject, WholeImage())
    np.testing.assert_array_equal(whole.crop, rgb)


def test_no_sheet_overwrites_another(tmp_path: Path) -> None:
    files = [Path("a/x.jpg"), Path("b/X.png"), Path("c/x-2.jpg"), Path("d/x.jpg")]
    names = [target.name for target in _targets(files, tmp_path / "out", several=True)]
    assert names == ["x.explain.png", "X-2.explain.png", "x-2-2.explain.png", "x-3.explain.png"]


def test_another_backbone_is_named_and_looked_into(tmp_path: Path) -> None:
    config = DaHarConfig(len(NAMES), backbone="efficientnet-lite2", width=32, masked_attention=False)
    checkpoint.save(tmp_path / "m.safetensors", DaHar(config), ABOUT)
    subject = open_subject(str(tmp_path / "m.safetensors"))
    assert subject.title == "m.safetensors: EfficientNet-Lite2 without person mask, input 64x32"
    maps = subject.look(np.zeros((90, 40, 3), np.uint8))
    assert [m.shape for m in maps.stages] == [(4, 2), (2, 1)]
    assert [m.shape for m in maps.self_masks] == [(16, 8), (8, 4), (4, 2), (2, 1)]
    assert maps.attention.shape == (6, 4, 2)


def test_commonplace_tags_come_last(tmp_path: Path) -> None:
    about = ABOUT | {"attributes": ["solid", "hat", "jeans", "bag", "long-pants", "upper-red"]}
    subject = open_subject(str(network(tmp_path / "m.safetensors", about=about)))
    probabilities = np.array([0.99, 0.6, 0.7, 0.1, 0.4, 0.8], np.float32)
    assert subject.most_certain(probabilities, 5) == [5, 2, 1, 0, 4]


def test_contradictions_are_resolved_and_the_rest_fills_up(tmp_path: Path) -> None:
    subject = open_subject(str(network(tmp_path / "m.safetensors")))
    probabilities = np.array([0.6, 0.9, 0.1, 0.7, 0.3, 0.2], np.float32)
    assert subject.tagged(probabilities) == [1, 3]  # female and jeans; male loses to female
    assert subject.most_certain(probabilities, 4) == [1, 3, 0, 4]
