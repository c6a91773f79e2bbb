"""The networks alone: what is counted, what is timed, and against which peak."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harcli.bench import networks as timed_networks
from harcli.bench.network import Network, variants
from harcli.bench.networks import time_networks
from harcli.bench.peak import peaks
from harcli.bench.turns import Runs, take_turns
from harcli.bench.work import macs, precision, work
from harcli.models_dir import DETECTOR, installed

MACS = 16 * 8 * 4 * 3 * 9 + 4 * 3
"""Of the model that `counted_model` makes."""


def node(operator: str, inputs: list[list[int]], output: list[int], kind: str = "float") -> dict[str, object]:
    """As ONNX Runtime's profile has it."""
    return {
        **{"op_name": operator, "input_type_shape": [{kind: shape} for shape in inputs]},
        "output_type_shape": [{kind: output}],
    }


@pytest.mark.parametrize(
    ("operator", "inputs", "output", "count"),
    [
        ("Conv", [[1, 8, 6, 6], [16, 8, 3, 3], [16]], [1, 16, 6, 6], 16 * 36 * 8 * 9),
        ("Conv", [[1, 8, 6, 6], [8, 1, 3, 3]], [1, 8, 6, 6], 8 * 36 * 9),  # depthwise
        ("QLinearConv", [[1, 8, 6, 6], [], [], [16, 8, 3, 3], [16], []], [1, 16, 6, 6], 16 * 36 * 8 * 9),
        ("ConvTranspose", [[1, 8, 6, 6], [8, 16, 2, 2]], [1, 16, 12, 12], 8 * 36 * 16 * 4),
        ("Gemm", [[2, 10], [5, 10], [5]], [2, 5], 2 * 5 * 10),
        ("Gemm", [[10, 2], [10, 5]], [2, 5], 2 * 5 * 10),
        ("MatMul", [[3, 2, 10], [3, 10, 5]], [3, 2, 5], 3 * 2 * 5 * 10),
        ("Relu", [[2, 10]], [2, 10], 0),
    ],
)
def test_macs_of_a_node(operator: str, inputs: list[list[int]], output: list[int], count: int) -> None:
    assert macs(node(operator, inputs, output)) == count


def test_precision_is_that_of_the_products() -> None:
    half, whole = (node("MatMul", [[2, 10], [10, 5]], [2, 5], kind) for kind in ("float16", "float"))
    assert precision([whole]) == "fp32"
    assert precision([half]) == "fp16"
    assert precision([whole, whole, half]) == "fp32"
    assert precision([whole, node("QuantizeLinear", [[2, 10]], [2, 10])]) == "int8"


def test_work_of_a_file(counted_model: Path) -> None:
    counted = work(Network.read(counted_model))
    assert (counted.macs, counted.precision) == (MACS, "fp32")


def test_the_detector_is_read_with_its_size() -> None:
    network = Network.read(installed()[DETECTOR])
    assert (network.name, network.kind) == (DETECTOR, "detector")
    assert network.images(2, np.random.default_rng(0)).shape[1:] == (3, network.height, network.width)
    assert (network.height, network.width) == (480, 640)  # its input follows the photo: that of one of 4:3


def test_other_precisions_lie_beside(counted_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "counted"
    folder.mkdir()
    for name in ("model.onnx", "model.int8.onnx", "alone.onnx"):
        shutil.copy(counted_model, folder / name)
    assert [file.name for file in variants(folder / "model.onnx")] == ["model.onnx", "alone.onnx", "model.int8.onnx"]
    assert variants(folder / "alone.onnx") == [folder / "alone.onnx"]
    assert Network.read(folder / "model.int8.onnx").name == "counted/model.int8.onnx"


def test_calls_take_turns_until_the_time_is_over() -> None:
    order: list[str] = []

    def call(name: str, seconds: float) -> Callable[[], None]:
        def run() -> None:
            order.append(name)
            time.sleep(seconds)

        return run

    begin = time.perf_counter()
    taken = take_turns({"a": call("a", 0.06), "b": call("b", 0.06), "slow": call("slow", 0.5)}, 1.6)
    assert 1.4 < time.perf_counter() - begin < 5
    assert order[:6] == ["a", "b", "slow"] * 2
    assert len(taken["slow"]) == 1  # it would not fit any more
    assert len(taken["a"]) + len(taken["b"]) + 3 + 1 == len(order)
    assert all(seconds >= 0.06 for seconds in taken["a"])


def test_short_calls_are_made_several_times_a_turn_and_each_once_at_least() -> None:
    taken = take_turns({"short": lambda: None, "other": lambda: time.sleep(0.01)}, 0.0)
    assert len(taken["short"]) >= 1
    assert len(taken["other"]) == 1
    assert len(take_turns({"short": lambda: time.sleep(0.001)}, 0.2)["short"]) > 5


def test_runs() -> None:
    assert Runs.of([3.0, 1.0, 8.0]).times(2) == Runs(6.0, 2.0, 16.0, 3)


def test_peaks_are_those_of_matrix_products() -> None:
    found = peaks(["fp32", "int8"], "cpu", 0.2, size=128)
    assert set(found) == {"fp32", "int8"}
    for peak in found.values():
        assert 0.01 < peak.gmacs_per_second < 1e5
        assert (peak.size, peak.runs > 1) == (128, True)


def test_a_precision_that_cannot_be_computed_has_no_peak() -> None:
    missing = "dml" if __import__("sys").platform != "win32" else "coreml"
    assert peaks(["fp32"], missing, 0.1, size=64) == {}


def test_a_network_at_all_batch_sizes(counted_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        timed_networks, "peaks", lambda precisions, provider, seconds: peaks(precisions, provider, 0.1, 128)
    )
    rows, found = time_networks([counted_model], "cpu", 0.5)
    assert [row.batch for row in rows] == [1, 8, 32]
    for row in rows:
        assert (row.model, row.kind, row.by, row.precision) == ("counted", "attributes", "cpu", "fp32")
        assert row.input == (16, 8)
        assert row.gmacs == MACS / 1e9
        assert 0 < row.ms.min <= row.ms.median <= row.ms.max
        expected = row.gmacs / row.ms.median * 1000 / found["fp32"].gmacs_per_second
        assert row.share_of_peak == pytest.approx(expected)
