"""`harcli models`: those that come with harcli, and those of one's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.models_dir import find_model, installed, models_dir
from harcli.people import load_detector
from harcli.recognition.metadata import AttributeSpec, InputSpec, ModelMetadata
from harcli.recognition.model import AttributeModel
from harcli.tagging.installed_models import describe

BUILT_IN = ("da-har-fast", "da-har-lite2", "person-detector")
METADATA = ModelMetadata(
    *("mine", "3.1", (AttributeSpec("hat", "head", 0.25), AttributeSpec("my-own", "own", 0.5)), InputSpec(16, 8)),
    datasets=("peta",),
    licence="for me alone",
    scores={"mAP": 0.625, "part": "test"},
)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own models with mine.onnx, a small attribute model; processes see it too."""
    folder = tmp_path / "own models"
    folder.mkdir()
    write(folder / "mine.onnx")
    monkeypatch.setenv("HARCLI_MODEL_DIR", str(folder))
    return folder


def write(path: Path, metadata: ModelMetadata = METADATA) -> None:
    """A model whose probabilities are the mean colours of the crop."""
    onnx = pytest.importorskip("onnx", reason="a model file is made with onnx: pip install '.[dev]'")
    float32, helper = onnx.TensorProto.FLOAT, onnx.helper
    attributes, size = len(metadata.attributes), metadata.input
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["images"], ["means"], axes=[2, 3], keepdims=0),
            helper.make_node("Slice", ["means", "start", "end", "axis"], ["logits"]),
            helper.make_node("Sigmoid", ["logits"], ["probabilities"]),
        ],
        "means",
        [helper.make_tensor_value_info("images", float32, ["N", 3, size.height, size.width])],
        [helper.make_tensor_value_info("probabilities", float32, ["N", attributes])],
        [
            helper.make_tensor(name, onnx.TensorProto.INT64, [1], [value])
            for name, value in {"start": 0, "end": attributes, "axis": 1}.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"harcli": metadata.to_json()})
    onnx.save(model, str(path))


def test_the_list(harcli: Callable) -> None:
    done = harcli("models", "--no-speed")
    assert (done.returncode, done.stderr) == (0, "")
    _, attributes, detector = (next(line for line in done.stdout.splitlines() if name in line) for name in BUILT_IN)
    size = (models_dir() / "da-har-lite2" / "model.onnx").stat().st_size / 1e6
    count = len(AttributeModel.load(provider="cpu").metadata.attributes)
    assert [cell.strip() for cell in attributes.split("│")[2:5]] == ["attributes", f"{size:.1f}", str(count)]
    assert "precision 0." in attributes  # of its tags; means are over its own attributes, and say how many
    assert f"(of {count}) " in done.stdout
    assert "recall 0." in detector
    assert "person-detector, terms: AGPL-3.0" in done.stdout
    assert "research only" in done.stdout


def test_the_list_for_scripts(harcli: Callable, own: Path) -> None:
    done = harcli("models", "--json", "--provider", "cpu")
    assert done.returncode == 0
    models = {model["name"]: model for model in json.loads(done.stdout)}
    assert set(models) == {*BUILT_IN, "mine"}
    mine = models["mine"]
    assert mine["attributes"][1] == {"name": "my-own", "group": "own", "threshold": 0.5}
    assert (mine["kind"], mine["scores"], mine["licence"]) == ("attributes", {"mAP": 0.625}, "for me alone")
    assert mine["file"] == str(own / "mine.onnx")
    for model in models.values():
        assert model["speed"]["provider"] == "cpu"
        assert model["speed"]["images_per_second"] > 0
    assert mine["speed"]["images_per_second"] > models["da-har-lite2"]["speed"]["images_per_second"]


def test_a_file_that_cannot_be_used_is_listed_with_the_reason(harcli: Callable, own: Path) -> None:
    (own / "broken.onnx").write_bytes(b"nonsense")
    (own / "link.onnx").symlink_to("nowhere.onnx")
    (own / os.fsdecode(b"\xff.onnx")).touch()
    done = harcli("models", "--no-speed")
    assert done.returncode == 3
    assert "link cannot be used: " in done.stdout
    assert r"\xff cannot be used: " in done.stdout
    assert "broken cannot be used: " in done.stdout
    assert "mine" in done.stdout


def test_a_card(harcli: Callable) -> None:
    done = harcli("models", "show", "da-har-lite2")
    assert done.returncode == 0
    assert done.stdout.startswith((models_dir() / "da-har-lite2" / "card.md").read_text(encoding="utf-8"))
    assert "| hat | head | hat, cap, beanie or helmet | 0." in done.stdout


def test_a_model_without_a_card(harcli: Callable, own: Path) -> None:
    (own / "card.md").write_text("Whose card is this?")
    done = harcli("models", "show", own / "mine.onnx")
    assert done.stdout.startswith("# mine\n\n- version: 3.1\n- data sets: peta\n- terms: for me alone\n\n## Attributes")
    assert done.stdout.endswith("| hat | head | hat, cap, beanie or helmet | 0.250 |\n| my-own | own |  | 0.500 |\n")


def test_an_unknown_model(harcli: Callable) -> None:
    done = harcli("models", "show", "da-har-lite9")
    assert done.returncode == 1
    assert done.stderr == "harcli: no model 'da-har-lite9'; did you mean da-har-lite2?\n"


def test_names_of_own_models(own: Path) -> None:
    (own / "folder").mkdir()
    write(own / "folder" / "model.onnx")
    assert set(installed()) == {*BUILT_IN, "folder", "mine"}
    for spec in ("mine", "folder", own / "folder", own / "mine.onnx"):
        assert AttributeModel.load(spec, "cpu").metadata == METADATA
    with pytest.raises(HarcliError, match=r"No model 'yours'.*; installed: da-har-fast, da-har-lite2, mine, folder$"):
        AttributeModel.load("yours", "cpu")
    assert load_detector("person-detector", provider="cpu").name == load_detector(None, provider="cpu").name


def test_an_own_model_comes_before_one_of_its_name(own: Path) -> None:
    (own / "mine.onnx").rename(own / "da-har-lite2.onnx")
    assert AttributeModel.load(None, "cpu").metadata == METADATA
    assert find_model("da-har-lite2") == own / "da-har-lite2.onnx"


def test_a_short_name(own: Path) -> None:
    assert find_model("fast") == models_dir() / "da-har-fast" / "model.onnx"
    write(own / "fast.onnx")  # a whole name comes before a short one
    assert find_model("fast") == own / "fast.onnx"


def test_a_folder_of_models_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARCLI_MODEL_DIR", "nowhere")
    with pytest.raises(HarcliError, match="HARCLI_MODEL_DIR: there is no folder nowhere"):
        installed()


def test_scores_of_another_form_are_left_out(own: Path) -> None:
    (own / "folder").mkdir()
    write(own / "folder" / "model.onnx")
    (own / "folder" / "scores.json").write_text('{"test": [1]}')
    assert describe("folder", own / "folder" / "model.onnx").scores == {"mAP": 0.625}
    for form in ('{"test": %s}', "%s"):  # as the built-in models have it; as `harcli evaluate --out` writes it
        (own / "folder" / "scores.json").write_text(form % '{"means": {"mA": 0.5, "Acc": 0.25}}')
        assert describe("folder", own / "folder" / "model.onnx").scores == {"mA": 0.5}
    tags = '{"means": {"mA": 0.5, "mAP": 0.4}, "tags": {"precision": 0.9, "recall": 0.6, "unseen": 3}}'
    (own / "folder" / "scores.json").write_text(tags)
    assert describe("folder", own / "folder" / "model.onnx").scores == {"precision": 0.9, "recall": 0.6, "mAP": 0.4}


def test_tag_takes_a_name(harcli: Callable, own: Path, photos: Path, rows: Callable, tmp_path: Path) -> None:
    done = harcli("tag", photos, "--model", "mine", "--out", "attrs.csv")
    assert done.returncode == 0, done.stderr
    assert {"hat", "my-own"} <= set(rows(tmp_path / "attrs.csv")[0])
