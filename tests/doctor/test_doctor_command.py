"""`harcli doctor` as a process: what it says, and what a bug report must not say."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import harcli as package
from harcli.runtime.unchanged import shipped_digests


def test_all_is_in_order(harcli: Callable, store: Path) -> None:
    done = harcli("doctor")
    assert done.returncode == 0, done.stdout
    assert "Nothing is broken." in done.stdout
    for said in ("processor", "memory", "GPU", "--provider cuda", "ONNX Runtime", f"harcli {package.__version__}"):
        assert said in done.stdout
    for name, digest in shipped_digests().items():
        assert f"model {name}" in done.stdout
        assert digest[:12] in done.stdout
    assert str(store) in done.stdout
    assert not store.exists()  # it only looks


def test_a_bug_report_names_nobody(harcli: Callable, tmp_path: Path) -> None:
    home = tmp_path / "jane doe"
    (home / "photos of jane").mkdir(parents=True)
    kept = home / "photos of jane" / "store.db"
    kept.write_text("no store")
    own = home / "secret models"
    own.mkdir()
    (own / "jane.onnx").write_bytes(b"nonsense")
    environment = {
        **os.environ,
        **{"HOME": str(home), "USERPROFILE": str(home), "USER": "jane", "LOGNAME": "jane"},
        **{"HARCLI_STORE": str(kept), "HARCLI_MODEL_DIR": str(own), "HARCLI_TOKEN": "a secret"},
    }
    done = harcli("doctor", "--json", env=environment, cwd=home)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    checks = {check["name"]: check for check in report["checks"]}
    assert report["broken"] == 2
    assert checks["store"]["state"] == "broken"
    assert checks["store"]["place"] == "HARCLI_STORE"
    assert "not a store of harcli" in checks["store"]["why"]
    assert (checks["own models"]["count"], checks["own models"]["unusable"]) == (1, 1)
    assert "HARCLI_TOKEN" in checks["Python"]["variables"]
    for secret in ("jane", "doe", "secret", str(tmp_path), "photos of"):
        assert secret not in done.stdout


def test_what_is_broken_is_said_with_what_helps(harcli: Callable, tmp_path: Path) -> None:
    done = harcli("doctor", env={**os.environ, "HARCLI_MODEL_DIR": str(tmp_path / "nowhere")})
    assert done.returncode == 1
    assert "Broken:\n  own models: unset HARCLI_MODEL_DIR" in done.stdout
    assert "Nothing is broken" not in done.stdout


def test_a_card_is_named(harcli: Callable, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("the program that stands for nvidia-smi is a shell script: run this on Linux or macOS")
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'Some Card, 555.42, 24564'\n")
    program.chmod(0o755)
    done = harcli("doctor", "--json", env={**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"})
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["GPU"]["cards"] == [{"name": "Some Card", "driver": "555.42", "memory": "24564"}]
    assert "works" in checks["--provider cuda"]
    assert checks["--provider cuda"]["works"] or checks["--provider cuda"]["state"] == "note"
