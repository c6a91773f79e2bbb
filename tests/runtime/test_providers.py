"""What computes: a provider that cannot be had says what is missing, and none is taken quietly for another."""

from __future__ import annotations

import ctypes
import stat
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from harcli.cli.options import Provider as Choice
from harcli.cli.tag_run import _computed_on
from harcli.errors import HarcliError
from harcli.people import WholeImage, load_detector
from harcli.runtime import Runner, active_provider, binding, on_gpu, open_session, providers, session
from harcli.runtime.engines import engine_dir, remove_unused
from harcli.runtime.providers import BY_NAME, CPU, NAMES

ELSEWHERE = {"coreml": "darwin", "dml": "win32"}


def test_the_command_line_takes_all_names() -> None:
    assert tuple(choice.value for choice in Choice) == NAMES


@pytest.mark.parametrize("name", ["openvino", "coreml", "dml"])
def test_what_cannot_be_had_names_what_brings_it(tiny_model: Path, name: str) -> None:
    wanted = BY_NAME[name]
    if wanted.ort in onnxruntime.get_available_providers():
        assert active_provider(open_session(tiny_model, name)) == name
        return
    here = ELSEWHERE.get(name, sys.platform) == sys.platform
    missing = f"{wanted.build} brings it" if here else "it is a part of"
    with pytest.raises(HarcliError) as error:
        open_session(tiny_model, name)
    assert f"{wanted.shown} cannot be used for {tiny_model}: " in str(error.value)
    assert missing in str(error.value)
    assert str(error.value).endswith("; or use --provider cpu")


@pytest.mark.parametrize(
    ("library", "command"),
    [
        ("libnvinfer.so.10", "pip install 'tensorrt-cu"),
        ("libcublasLt.so.13", "pip install 'harcli[cuda]'"),
        ("libcuda.so.1", "the driver of NVIDIA"),
    ],
)
def test_a_missing_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, command: str
) -> None:
    (tmp_path / "capi").mkdir()
    (tmp_path / "capi" / "libonnxruntime_providers_tensorrt.so").touch()
    monkeypatch.setattr(onnxruntime, "__file__", str(tmp_path / "__init__.py"))

    def refuse(path: str) -> None:
        raise OSError(f"{library}: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    reason = providers.missing_library(BY_NAME["tensorrt"])
    assert reason.startswith(f"{library} is missing; ")
    assert command in reason
    if "nvinfer" in library:
        assert "<11'" in reason  # the one that this ONNX Runtime was built with


def pretend(monkeypatch: pytest.MonkeyPatch, first: str, parts: list[str] | None) -> None:
    """ONNX Runtime has DirectML, and opens sessions whose first provider is `first` and whose parts are computed so."""
    opened = SimpleNamespace(get_providers=lambda: [first])
    if parts is not None:
        opened.get_provider_graph_assignment_info = lambda: [SimpleNamespace(ep_name=part) for part in parts]
    monkeypatch.setattr(providers, "why_not", lambda provider: "")
    monkeypatch.setattr(session, "_open", lambda path, chain, threads: opened)


def test_one_that_fell_back_is_not_taken_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, CPU, [CPU])
    found, reason = session._open_on(BY_NAME["dml"], Path("m.onnx"), None)
    assert found is None
    assert "fell back to the CPU" in reason


@pytest.mark.parametrize(("parts", "used"), [([CPU, CPU], False), (["DmlExecutionProvider", CPU], True), (None, True)])
def test_one_that_takes_no_part_of_the_model_is_not_in_use(
    monkeypatch: pytest.MonkeyPatch, parts: list[str] | None, used: bool
) -> None:
    pretend(monkeypatch, "DmlExecutionProvider", parts)
    found, reason = session._open_on(BY_NAME["dml"], Path("m.onnx"), None)
    assert (found is not None) == used
    assert ("takes no part of this model" in reason) != used


def test_engines_are_kept_by_the_content_of_the_model(store: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.onnx", tmp_path / "b.onnx"
    first.write_bytes(b"one")
    second.write_bytes(b"another")
    folders = {engine_dir(first), engine_dir(second)}
    assert len(folders) == 2
    assert engine_dir(first) in folders
    for folder in folders:
        assert folder.parent == store.parent / "tensorrt"
        assert sys.platform == "win32" or stat.S_IMODE(folder.stat().st_mode) == 0o700
    options = BY_NAME["tensorrt"].options(first, 1)
    assert options["trt_engine_cache_path"] == str(engine_dir(first))
    assert options["trt_engine_cache_enable"] is True


def test_no_empty_folder_stays_where_tensorrt_cannot_be_loaded(store: Path, tiny_model: Path) -> None:
    try:
        open_session(tiny_model, "tensorrt")
    except HarcliError:
        assert not (store.parent / "tensorrt").exists()
    else:
        assert list((store.parent / "tensorrt").iterdir())
    engine_dir(tiny_model)
    remove_unused(tiny_model)
    assert not (store.parent / "tensorrt").exists()
    (engine_dir(tiny_model) / "engine").touch()
    remove_unused(tiny_model)
    assert (engine_dir(tiny_model) / "engine").exists()


def test_bound_inputs_give_the_same_and_are_written_anew(tiny_model: Path) -> None:
    opened = open_session(tiny_model, "cpu")
    plain, bound = Runner(opened), Runner(opened, "cpu")
    rng = np.random.default_rng(0)
    for count in (2, 3, 2):
        feed = {"images": rng.standard_normal((count, 3, 16, 8), np.float32)}
        for names in (["probabilities"], None):
            np.testing.assert_array_equal(bound.run(names, feed)[0], plain.run(names, feed)[0])
    assert len(bound._places) == 2  # one for each shape
    for count in range(1, binding.PLACES + 3):
        bound.run(None, {"images": np.zeros((count, 3, 16, 8), np.float32)})
    assert [shape[0] for _, shape, _ in bound._places] == list(range(3, binding.PLACES + 3))
    assert plain._places == {}


class _Counting:
    """A session that counts the calls which are at work at the same time."""

    def __init__(self, provider: str, wait: Callable[[], object]) -> None:
        self.provider, self.wait = provider, wait
        self.now = self.most = 0
        self.lock = threading.Lock()

    def get_providers(self) -> list[str]:
        return [self.provider]

    def run(self, *_: object) -> list[object]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.wait()
        with self.lock:
            self.now -= 1
        return []


@pytest.mark.parametrize(("name", "most"), [("CPUExecutionProvider", 3), ("DmlExecutionProvider", 1)])
def test_sessions_run_in_as_many_threads_as_they_bear(name: str, most: int) -> None:
    meeting = threading.Barrier(3)
    counting: Any = _Counting(name, (lambda: meeting.wait(20)) if most == 3 else (lambda: time.sleep(0.02)))
    runner = Runner(counting)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: runner.run(None, {}), range(3)))
    assert counting.most == most


def test_large_batches_are_for_graphics_cards() -> None:
    assert [name for name in NAMES if on_gpu(name)] == ["cuda", "tensorrt", "dml"]


def test_a_detector_of_torch_refuses_what_torch_cannot(tmp_path: Path) -> None:
    (tmp_path / "yolo.pt").touch()
    with pytest.raises(HarcliError, match=r"yolo\.pt: torch computes it.*--provider openvino take an \.onnx"):
        load_detector(str(tmp_path / "yolo.pt"), provider="openvino")


def test_the_command_says_it_in_one_line(harcli: Callable, photos: Path, tiny_model: Path) -> None:
    name = next(name for name, system in ELSEWHERE.items() if system != sys.platform)
    done = harcli("tag", photos, "--model", tiny_model, "--provider", name, "--out", "a.csv")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{BY_NAME[name].shown} cannot be used for" in done.stderr


@pytest.mark.parametrize(
    ("model", "detector", "said"),
    [
        ("cuda", SimpleNamespace(provider="cuda"), "cuda fp32"),
        ("cuda", SimpleNamespace(provider="cpu"), "cuda fp32, detection on cpu"),
        ("cuda", WholeImage(), "cuda fp32"),
    ],
)
def test_the_summary_says_what_computed(model: str, detector: object, said: str) -> None:
    of = SimpleNamespace(provider=model, precision="fp32")
    assert _computed_on(SimpleNamespace(model=of, detector=detector)) == said


def test_capitals_do_not_matter(harcli: Callable, photos: Path, tiny_model: Path) -> None:
    done = harcli(
        "tag", photos, "--model", tiny_model, "--provider", "CPU", "--no-detect", "--no-store", "--out", "a.csv"
    )
    assert done.returncode == 0, done.stderr
    assert "cpu" in done.stderr  # computed on
