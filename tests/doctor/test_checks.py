"""What the doctor looks at, one by one."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from harcli import models_dir
from harcli.doctor import examine, machine, models, packages, providers
from harcli.doctor.check import BROKEN, NOTE, OK, Check
from harcli.doctor.private import anonymous
from harcli.doctor.store import store as look_at_store
from harcli.runtime import processor
from harcli.runtime.matrix_product import product_model
from harcli.tagging.store_file import VERSION, connect


@pytest.fixture
def shipped(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of built-in models with one that costs nothing, and the list of digests."""
    folder = tmp_path / "_models"
    (folder / "tiny").mkdir(parents=True)
    shutil.copy(tiny_model, folder / "tiny" / "model.onnx")
    digest = hashlib.sha256(tiny_model.read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  tiny/model.onnx\n")
    monkeypatch.setattr(models_dir, "_PACKAGE", tmp_path)
    return folder


def test_a_model_as_it_was_made(shipped: Path) -> None:
    [check] = models.built_in()
    assert (check.state, check.facts["works"]) == (OK, True)
    assert check.facts["sha256"] in (shipped / "SHA256SUMS").read_text()


def test_a_model_with_another_bit(shipped: Path) -> None:
    file = shipped / "tiny" / "model.onnx"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    [check] = models.built_in()
    assert (check.state, check.name) == (BROKEN, "model tiny/model.onnx")
    assert "is damaged or was changed" in check.text
    assert "reinstall" in check.remedy


def test_models_that_are_missing_and_models_too_many(shipped: Path) -> None:
    (shipped / "tiny" / "model.onnx").rename(shipped / "tiny" / "model.int8.onnx")
    checks = {check.name: check for check in models.built_in()}
    assert {check.state for check in checks.values()} == {BROKEN}
    assert "is not in SHA256SUMS" in checks["model tiny/model.int8.onnx"].text
    assert "cannot be read" in checks["model tiny/model.onnx"].text
    (shipped / "SHA256SUMS").unlink()
    [check] = models.built_in()
    assert check.state == BROKEN


def test_a_store(store: Path) -> None:
    assert look_at_store().facts == {"place": "HARCLI_STORE", "there": False}
    assert not store.exists()
    connect(store).close()
    check = look_at_store()
    assert (check.state, check.facts["version"], check.facts["bytes"]) == (OK, VERSION, store.stat().st_size)
    connection = sqlite3.connect(store)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.commit()
    connection.close()
    check = look_at_store()
    assert check.state == BROKEN
    assert "newer harcli" in check.text


@pytest.mark.parametrize("content", [b"text", b"SQLite format 3\x00" + bytes(52) + b"HARC" + bytes(100)])
def test_what_is_no_store(store: Path, content: bytes) -> None:
    store.write_bytes(content)
    assert look_at_store().state == BROKEN
    store.write_bytes(b"")
    assert look_at_store().state == OK


def test_an_extra_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "version", lambda name: "" if name == "pi-heif" else "1.0")
    checks = {check.name: check for check in packages.extras()}
    assert checks["extra heif"].state == NOTE
    assert checks["extra heif"].remedy == "pip install 'harcli[heif]' (in a clone: '.[heif]'), for HEIC photos"
    assert checks["extra xmp"].state == OK


def test_a_card_that_lies_idle_is_worth_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.runtime import providers as runtime_providers

    if runtime_providers.gpu_is_visible():
        pytest.skip("the GPU here may well be usable: run this on a machine without one")
    assert {check.state for check in providers.all_providers()} == {OK}
    monkeypatch.setattr(runtime_providers, "gpu_is_visible", lambda: True)
    cuda = providers.all_providers()[0]
    assert (cuda.name, cuda.state, cuda.facts["works"]) == ("--provider cuda", NOTE, False)
    assert cuda.remedy.endswith("brings it") or "pip install" in cuda.remedy


@pytest.mark.parametrize("answer", [None, "", "NVIDIA-SMI has failed"])
def test_a_driver_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, answer: str | None) -> None:
    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if answer is None:
            raise subprocess.TimeoutExpired(command, 1)
        return subprocess.CompletedProcess(command, 9, answer, "")

    monkeypatch.setattr(subprocess, "run", run)
    assert machine.gpu().state == NOTE


def test_two_builds_of_onnx_runtime_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Distribution:
        version = "1.0"

        def __init__(self, name: str) -> None:
            self.metadata = {"Name": name}

    monkeypatch.setattr(
        providers.metadata, "distributions", lambda: [Distribution("onnxruntime"), Distribution("onnxruntime_gpu")]
    )
    check = providers.onnx_runtime()
    assert check.state == NOTE
    assert check.remedy.startswith("pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu")


def test_an_onnx_runtime_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[str]:
        raise ImportError("libfoo.so: cannot open shared object file")

    monkeypatch.setattr(onnxruntime, "get_available_providers", broken)
    check = providers.onnx_runtime()
    assert check.state == BROKEN
    assert "libfoo.so" in check.text
    assert check.remedy.startswith("pip install --force-reinstall onnxruntime")


def test_a_look_that_breaks_down_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> Check:
        raise RuntimeError("in /home/jane/x")

    monkeypatch.setattr(examine, "_LOOKS", (breaks, machine.system))
    broken, fine = examine.examine()
    assert (broken.state, fine.state) == (BROKEN, OK)
    assert "jane" not in str(examine.as_json([broken, fine]))


def test_the_processor_by_linux_and_by_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor.sys, "platform", "linux")
    for said, features in (("fpu avx2 avx512f avx512_vnni", ("AVX2", "AVX-512", "AVX-512 VNNI")), ("fpu", ())):
        monkeypatch.setattr(processor, "_cpuinfo", lambda key, said=said: said if key == "flags" else "")
        processor.processor_features.cache_clear()
        assert processor.processor_features() == features
    monkeypatch.setattr(processor, "_cpuinfo", lambda key: "")
    monkeypatch.setattr(processor, "_numpys", lambda: {"X86_V3"})
    processor.processor_features.cache_clear()
    assert processor.processor_features() == ("AVX2",)
    processor.processor_features.cache_clear()


def test_errors_without_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "jane")
    for text, said in {
        "/home/jane/a b.db: no": "FOLDER/a b.db: no",
        "at C:\\Users\\jane\\x.db": "at FOLDER/x.db",
        "jane may not": "USER may not",
        "janet and 1/2": "janet and 1/2",
    }.items():
        assert anonymous(text) == said


@pytest.mark.parametrize(
    ("precision", "left", "right"), [("fp32", "f4", "f4"), ("fp16", "f2", "f2"), ("int8", "u1", "i1")]
)
def test_the_model_written_by_hand_is_a_matrix_product(precision: str, left: str, right: str) -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(0, 5, (200, 200)).astype(kind) for kind in (left, right))
    session = onnxruntime.InferenceSession(product_model(precision, 200), providers=["CPUExecutionProvider"])
    [product] = session.run(None, {"a": a, "b": b})
    np.testing.assert_allclose(product, a.astype(np.int64) @ b.astype(np.int64), rtol=0.01)
