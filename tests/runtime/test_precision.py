"""int8 is taken where the processor has instructions for it, and only there."""

from pathlib import Path

import pytest

from harcli.runtime import precision


@pytest.mark.parametrize(
    ("features", "provider", "gpu", "name", "expected"),
    [
        (("AVX2", "AVX-512 VNNI"), "auto", False, "model.onnx", "model.int8.onnx"),
        (("AVX-VNNI",), "cpu", True, "model.onnx", "model.int8.onnx"),
        (("AVX2", "AVX-512"), "auto", False, "model.onnx", "model.onnx"),
        (("AVX-VNNI",), "auto", True, "model.onnx", "model.onnx"),
        (("AVX-VNNI",), "cuda", True, "model.onnx", "model.onnx"),
        (("AVX-VNNI",), "cpu", False, "other.onnx", "other.onnx"),
    ],
)
def test_which_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    features: tuple[str, ...],
    provider: str,
    gpu: bool,
    name: str,
    expected: str,
) -> None:
    for file in ("model.onnx", "other.onnx", "model.int8.onnx"):
        (tmp_path / file).touch()
    monkeypatch.setattr(precision, "processor_features", lambda: features)
    monkeypatch.setattr(precision, "gpu_is_visible", lambda: gpu)
    assert precision.quickest(tmp_path / name, provider).name == expected
    (tmp_path / "model.int8.onnx").unlink()
    assert precision.quickest(tmp_path / name, provider).name == name
