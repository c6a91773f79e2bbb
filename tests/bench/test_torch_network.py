"""A checkpoint in torch beside the model file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harcli.errors import HarcliError

torch = pytest.importorskip("torch", reason="a checkpoint needs torch: pip install '.[dev]'")


@pytest.fixture
def saved(tmp_path: Path, make_network: Callable) -> Path:
    from harcli.network import checkpoint

    file = tmp_path / "best.safetensors"
    checkpoint.save(file, make_network(3), {"train": {"size": [64, 32]}})
    return file


def test_eager_and_compiled(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.bench.torch_network import torch_calls

    compiled = []
    monkeypatch.setattr(torch, "compile", lambda network: compiled.append(network) or network)
    size, counted, calls = torch_calls(saved, (1, 2))
    assert size == (64, 32)
    assert list(calls) == [("torch eager", 1), ("torch eager", 2), ("torch compiled", 1), ("torch compiled", 2)]
    assert len(compiled) == 1
    assert 1e7 < counted.macs < 1e9
    for call in calls.values():
        call()


def test_without_a_compiler_the_eager_ones_are_left(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harcli.bench.torch_network import torch_calls

    def refuse(network: object) -> None:
        raise RuntimeError("no C++ compiler")

    monkeypatch.setattr(torch, "compile", refuse)
    with pytest.warns(RuntimeWarning, match="torch cannot compile here"):
        _, _, calls = torch_calls(saved, (1,))
    assert list(calls) == [("torch eager", 1)]


def test_what_is_no_checkpoint(tmp_path: Path) -> None:
    from harcli.bench.torch_network import torch_calls

    (tmp_path / "x.safetensors").write_bytes(b"nonsense")
    with pytest.raises(HarcliError, match=r"x\.safetensors: cannot be read as a checkpoint"):
        torch_calls(tmp_path / "x.safetensors", (1,))
