"""Which models can be named, whatever else lies in their folder."""

from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.models_dir import OWN_MODELS, find_model, installed


def test_a_link_that_cannot_be_followed_hides_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hats").mkdir()
    (tmp_path / "hats" / "model.onnx").touch()
    (tmp_path / "bags.onnx").touch()
    (tmp_path / "long").symlink_to("x" * 300)
    (tmp_path / "itself").symlink_to("itself")
    monkeypatch.setenv(OWN_MODELS, str(tmp_path))
    mine = {name for name, file in installed().items() if tmp_path in file.parents}
    assert mine == {"hats", "bags"}


def test_a_name_that_no_file_can_have_is_no_model() -> None:
    assert find_model("x" * 300) is None


def test_what_training_writes_is_no_model(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in ("best", "last", "resume"):
        (run / f"{name}.safetensors").write_bytes(b"weights")
    with pytest.raises(HarcliError, match="is a checkpoint, not a model; `harcli export-onnx"):
        find_model(run / "best.safetensors")
    with pytest.raises(HarcliError, match=r"folder of a training run.*best\.safetensors"):
        find_model(run)
