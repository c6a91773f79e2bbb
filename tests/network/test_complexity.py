"""The complexity benchmark against multiply-accumulates worked by hand."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "complexity.py"


@pytest.fixture(scope="module")
def complexity() -> ModuleType:
    if not BENCHMARK.is_file():
        pytest.skip("benchmarks/ is missing: run this in a clone or in the unpacked sdist")
    spec = importlib.util.spec_from_file_location("complexity", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def resnet101(height: int, width: int) -> int:
    """Convolutions of torchvision's ResNet-101."""
    h, w = height // 4, width // 4
    total = 64 * 3 * 49 * (height // 2) * (width // 2)
    channels = 64
    for inner, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 23, 2), (512, 3, 2)):
        for block in range(blocks):
            before = h * w
            if block == 0:
                h, w = h // stride, w // stride
            total += channels * inner * before + (9 * inner * inner + inner * 4 * inner) * h * w
            total += channels * 4 * inner * h * w if block == 0 else 0
            channels = 4 * inner
    return total


def bottleneck(channels: int) -> int:
    inner = channels // 4
    return 2 * channels * inner + 9 * inner * inner


def by_hand(height: int, width: int, attributes: int) -> dict[str, int]:
    cells = [height * width // stride**2 for stride in (4, 8, 16, 32)]
    channels = (256, 512, 1024, 2048)
    head = 1024 * 512 + 9 * 512 * 512 + 512 * attributes + 1024 * attributes
    baseline = resnet101(height, width) + 2048 * attributes + head * cells[2]
    self_masks = sum((2 * c * (c // 4) + (c // 4) ** 2) * n for c, n in zip(channels, cells, strict=True))
    # Stages 1 and 2 are shrunk to the third's size before their 1x1 convolution, stage 4 is enlarged after it.
    reduce = sum(c * 256 * min(n, cells[2]) for c, n in zip(channels, cells, strict=True))
    fusion = reduce + 4 * bottleneck(256) * cells[2]
    mask = (2 * bottleneck(1024) + 1024 * 256 + 256 * 256 + 256) * cells[2]
    return {"baseline": baseline, "Da-HAR": baseline + self_masks + fusion + mask}


@pytest.mark.parametrize("size", [(224, 224), (256, 128)])
def test_macs_are_those_worked_by_hand(complexity: ModuleType, size: tuple[int, int]) -> None:
    counted = {name: complexity.macs(config, size) for name, config in complexity.configs(101, 14).items()}
    assert counted == by_hand(*size, 14)


def test_macs_at_the_papers_size(complexity: ModuleType) -> None:
    """8.369 G, and 9.502 G: 0.270 G less than the same blocks with every 1x1 convolution before its shrinking."""
    macs = by_hand(224, 224, 14)
    assert macs["baseline"] / 1e9 == pytest.approx(8.369, abs=5e-4)
    saved = 256 * 256 * (56 * 56 - 14 * 14) + 512 * 256 * (28 * 28 - 14 * 14)
    assert (macs["Da-HAR"] + saved) / 1e9 == pytest.approx(9.772, abs=5e-4)


def test_onnx_runtime_is_timed_on_the_cpu_alone(
    complexity: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["complexity.py", "--onnx", "--device", "cuda"])
    with pytest.raises(SystemExit):
        complexity.main()
    assert "leave out --device" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "runtime"), [([], "PyTorch"), pytest.param(["--onnx"], "ONNX Runtime", marks=pytest.mark.slow)]
)
def test_one_run_gives_all_figures(complexity: ModuleType, tmp_path: Path, more: list[str], runtime: str) -> None:
    words = ["--depth", "18", "--size", "64x32", "--repeat", "5", "--threads", "1", "--json", str(tmp_path / "c.json")]
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *words, *more],
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"PYTHONPATH": str(BENCHMARK.parents[1]), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "22.28" in done.stdout
    result = json.loads((tmp_path / "c.json").read_text())
    baseline, da_har = result["networks"]["baseline"], result["networks"]["Da-HAR"]
    for key in ("parameters", "macs", "milliseconds"):
        assert 0 < baseline[key] < da_har[key]
    for row in (baseline, da_har):
        assert row["quartiles"][0] <= row["milliseconds"] <= row["quartiles"][1]
    assert result["run"]["device"].endswith("1 threads")
    assert result["run"]["runtime"] == runtime
