"""Lower precision is taken where the machine has instructions for it, and only if it was made from the same model."""

import json
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from harcli.doctor import models as doctor
from harcli.errors import HarcliError
from harcli.recognition.model import AttributeModel
from harcli.runtime import precision
from harcli.runtime.precision import LOWERED_FROM, PRECISION_KEY, choose
from harcli.runtime.unchanged import graph_digest
from harcli.tagging.installed_models import describe
from harcli.tagging.settings import Settings
from harcli.tagging.tagger import Tagger

VNNI = ("AVX2", "AVX-512 VNNI")


@pytest.fixture
def model(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `model.onnx` with int8 and fp16 beside it, in a folder of one's own models, on a processor with VNNI."""
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    file = folder / "model.onnx"
    file.write_bytes(tiny_model.read_bytes())
    for each in ("int8", "fp16"):
        lowered(file, each, graph_digest(file))
    monkeypatch.setenv("HARCLI_MODEL_DIR", str(folder.parent))
    monkeypatch.setattr(precision, "processor_features", lambda: VNNI)
    monkeypatch.setattr(precision, "gpu_is_visible", lambda: False)
    return file


def lowered(file: Path, name: str, origin: str) -> Path:
    """The same file, which says that it computes in `name`, and what it was made from."""
    proto = onnx.load(str(file))
    kept = {prop.key: prop.value for prop in proto.metadata_props}
    onnx.helper.set_model_props(proto, {**kept, PRECISION_KEY: name, LOWERED_FROM: origin})
    path = file.with_name(f"model.{name}.onnx")
    onnx.save(proto, str(path))
    return path


@pytest.mark.parametrize(
    ("features", "provider", "gpu", "expected"),
    [
        (VNNI, "auto", False, "model.int8.onnx"),
        (("AVX-VNNI",), "cpu", True, "model.int8.onnx"),
        (("AVX2",), "auto", False, "model.int8.onnx"),
        (("NEON", "dot product"), "auto", False, "model.onnx"),
        (VNNI, "auto", True, "model.fp16.onnx"),
        (VNNI, "cuda", True, "model.fp16.onnx"),
        (VNNI, "tensorrt", True, "model.fp16.onnx"),
        (VNNI, "openvino", False, "model.onnx"),
    ],
)
def test_which_file(
    model: Path, monkeypatch: pytest.MonkeyPatch, features: tuple[str, ...], provider: str, gpu: bool, expected: str
) -> None:
    monkeypatch.setattr(precision, "processor_features", lambda: features)
    monkeypatch.setattr(precision, "gpu_is_visible", lambda: gpu)
    assert choose(model, provider).name == expected
    for file in model.parent.glob("model.*.onnx"):
        file.unlink()
    assert choose(model, provider) == model


def test_one_of_another_model_is_noticed_and_not_used(model: Path) -> None:
    lowered(model, "int8", "0" * 64)
    with pytest.warns(RuntimeWarning, match=r"model\.int8\.onnx: was made from another model\.onnx, and is not used"):
        assert choose(model, "cpu") == model
    with pytest.raises(HarcliError, match=r"another model\.onnx; make it again: harcli export-onnx"):
        choose(model, "cpu", "int8")
    model.with_name("model.int8.onnx").write_bytes(b"\x0a")
    with pytest.warns(RuntimeWarning, match="is not used"):
        assert choose(model, "cpu") == model


def test_one_that_is_not_there(model: Path) -> None:
    model.with_name("model.fp16.onnx").unlink()
    with pytest.raises(HarcliError, match="has no fp16 beside it; make it: harcli export-onnx"):
        choose(model, "cuda", "fp16")
    with pytest.raises(HarcliError, match="unknown precision 'int4'"):
        choose(model, "cpu", "int4")


def test_a_file_that_is_named_is_taken_as_it_is(model: Path) -> None:
    assert AttributeModel.load(model, "cpu").precision == "fp32"
    assert AttributeModel.load(model, "cpu", precision="int8").precision == "int8"
    assert AttributeModel.load("tiny", "cpu").precision == "int8"
    assert AttributeModel.load("tiny", "cpu", precision="fp32").path == model


def test_a_graphics_card_that_cannot_be_used(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto` had chosen fp16 for it; on the processor int8 is quicker."""
    from harcli.runtime import session

    for room in (precision, session):
        monkeypatch.setattr(room, "gpu_is_visible", lambda: True)
    monkeypatch.setattr(session.providers, "why_not", lambda provider: "there is none")
    with pytest.warns(RuntimeWarning, match="computing on the CPU"):
        loaded = AttributeModel.load("tiny")
    assert (loaded.provider, loaded.precision) == ("cpu", "int8")


def test_results_and_the_store_tell_which(model: Path) -> None:
    each = {name: Tagger("tiny", detect=False, provider="cpu", precision=name) for name in ("fp32", "int8")}
    assert {name: tagger.info.model["precision"] for name, tagger in each.items()} == {"fp32": "fp32", "int8": "int8"}
    settings = {name: Settings.of(tagger.model, tagger.detector) for name, tagger in each.items()}
    assert settings["fp32"].fingerprint != settings["int8"].fingerprint
    assert "precision int8 instead of fp32" in settings["int8"].difference(settings["fp32"].about)


def test_what_is_installed_says_it(model: Path, harcli: Callable) -> None:
    assert describe("tiny", model).precisions == ("fp32", "fp16", "int8")
    assert describe("tiny", model).precision == "int8"
    lowered(model, "int8", "0" * 64)
    found = describe("tiny", model)
    assert (found.precisions, found.precision, len(found.stale)) == (("fp32", "fp16"), "fp32", 1)
    done = harcli("models", "--no-speed")
    assert done.stdout.count("model.int8.onnx: was made from another model.onnx") == 1
    told = json.loads(harcli("models", "--no-speed", "--json").stdout)
    assert "another model.onnx" in next(row for row in told if row["name"] == "tiny")["stale"][0]
    assert "another model.onnx" in doctor._stale(model.with_name("model.int8.onnx"))
    assert doctor._stale(model.with_name("model.fp16.onnx")) == doctor._stale(model) == ""


def test_the_option(model: Path, photos: Path, harcli: Callable) -> None:
    command = ("tag", photos / "bus.jpg", "--no-detect")
    done = harcli(*command, "-o", photos / "a.json", "--model", "tiny", "--precision", "int8")
    assert done.returncode == 0
    assert json.loads((photos / "a.json").read_text())["harcli"]["model"]["precision"] == "int8"
    wrong = harcli(*command, "-o", "-", "--format", "csv", "--precision", "fp16")
    assert wrong.returncode == 1
    assert "has no fp16 beside it" in wrong.stderr
