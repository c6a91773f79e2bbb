"""Opening models: what is asked for is what computes, and failures name the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from harcli.errors import HarcliError
from harcli.models_dir import models_dir
from harcli.runtime import active_provider, open_session
from harcli.runtime.session import gpu_is_visible


def _model() -> Path:
    return models_dir() / "person-detector" / "model.onnx"


def test_cpu_is_cpu() -> None:
    assert active_provider(open_session(_model(), "cpu", threads=1)) == "cpu"


def test_auto_opens_on_any_machine_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    if gpu_is_visible():
        pytest.skip("a GPU is visible here, about which auto may warn: run this on a machine without one")
    assert active_provider(open_session(_model(), "auto")) == "cpu"
    assert capfd.readouterr().out == ""


def test_explicit_cuda_is_never_quietly_the_cpu(capfd: pytest.CaptureFixture[str]) -> None:
    if gpu_is_visible():
        assert active_provider(open_session(_model(), "cuda")) == "cuda"
    else:
        with pytest.raises(HarcliError, match="CUDA cannot be used"):
            open_session(_model(), "cuda")
    assert capfd.readouterr().out == ""  # standard output is for data


def test_auto_warns_when_a_visible_gpu_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    if gpu_is_visible():
        pytest.skip("the GPU here may well be usable: run this on a machine without one")
    monkeypatch.setattr("harcli.runtime.session.gpu_is_visible", lambda: True)
    with pytest.warns(RuntimeWarning, match="computing on the CPU"):
        assert active_provider(open_session(_model(), "auto")) == "cpu"


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_broken_files_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(_model().read_bytes()[:100_000] if content is None else content)
    with pytest.raises(HarcliError, match=r"broken\.onnx"):
        open_session(path, "cpu")


def test_missing_files_and_unknown_providers_are_named(tmp_path: Path) -> None:
    with pytest.raises(HarcliError, match=r"none\.onnx does not exist"):
        open_session(tmp_path / "none.onnx")
    with pytest.raises(HarcliError, match="unknown provider 'gpu'"):
        open_session(_model(), "gpu")
