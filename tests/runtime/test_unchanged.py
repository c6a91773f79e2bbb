"""A model whose bytes have changed is refused; weights in other files belong to it."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

from harcli import models_dir
from harcli.errors import HarcliError
from harcli.runtime import open_session, unchanged
from harcli.runtime.onnx_wire import external_files, graph

SHIPPED = sorted(models_dir.models_dir().glob("*/model*.onnx"))


def tiny(*, outside: str = "", subgraph: bool = False) -> onnx.ModelProto:
    """`y = x + w`; `w` lies in the file `outside`, if it is named, and in a branch of an `If`, if that is asked for."""
    weights = numpy_helper.from_array(np.arange(3, dtype=np.float32), "w")
    if outside:
        set_external_data(weights, outside)
        weights.data_location = TensorProto.EXTERNAL
        weights.ClearField("raw_data")
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in "xy")
    if not subgraph:
        inside = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", [x], [y], [weights])
    else:
        constant = helper.make_node("Constant", [], ["w"], value=weights)
        branch = helper.make_graph([constant, helper.make_node("Add", ["x", "w"], ["z"])], "b", [], [
            helper.make_tensor_value_info("z", TensorProto.FLOAT, [3])
        ])  # fmt: skip
        choice = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
        c = helper.make_tensor_value_info("c", TensorProto.BOOL, [])
        inside = helper.make_graph([choice], "g", [x, c], [y])
    return helper.make_model(inside, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def save(model: onnx.ModelProto, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_the_list_names_every_model_that_comes_with_harcli() -> None:
    lines = (models_dir.models_dir() / unchanged.SUMS).read_text().splitlines()
    actual = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.parent.name}/{path.name}" for path in SHIPPED]
    assert sorted(lines) == sorted(actual), f"a model has changed; if that is meant: {unchanged.RENEW}"


def test_a_bit_of_a_model_that_comes_with_harcli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "_models"
    shutil.copytree(models_dir.models_dir(), home, symlinks=False)
    monkeypatch.setattr(unchanged, "models_dir", lambda: home)
    file = home / "person-detector" / "model.onnx"
    open_session(file, "cpu")
    flip(file, file.stat().st_size // 2)  # in the weights: ONNX Runtime would open it
    with pytest.raises(HarcliError, match=r"person-detector/model\.onnx: is damaged or was changed"):
        open_session(file, "cpu")
    (home / unchanged.SUMS).write_text("")
    with pytest.raises(HarcliError, match="not in SHA256SUMS"):
        open_session(home / "da-har-lite2" / "model.onnx", "cpu")
    (home / unchanged.SUMS).unlink()
    with pytest.raises(HarcliError, match="SHA256SUMS: cannot be read"):
        open_session(home / "da-har-lite2" / "model.onnx", "cpu")


def test_the_command_with_a_damaged_model(harcli: Callable, photos: Path, tmp_path: Path) -> None:
    """A file of one's own that carries the hash of its graph, as `harcli export-onnx` writes it."""
    model = onnx.load(SHIPPED[0])
    carried = unchanged.graph_property(model.SerializeToString())
    helper.set_model_props(model, {p.key: p.value for p in model.metadata_props} | carried)
    file = save(model, tmp_path / "own.onnx")
    arguments = ("tag", photos / "bus.jpg", "--no-detect", "--no-store", "--out", "a.csv", "--model", file)
    assert harcli(*arguments).returncode == 0
    flip(file, file.stat().st_size // 2)
    done = harcli(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"harcli: {file}: damaged or changed since it was exported")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("model", SHIPPED, ids=lambda path: path.parent.name)
def test_a_bit_of_a_copy_that_lies_elsewhere(model: Path, tmp_path: Path) -> None:
    """Beside it there is no list of hashes: each carries its own."""
    copy = tmp_path / "copy.onnx"
    shutil.copy(model, copy)
    open_session(copy, "cpu")
    flip(copy, copy.stat().st_size // 2)
    with pytest.raises(HarcliError, match=r"copy\.onnx: damaged or changed"):
        open_session(copy, "cpu")


def test_other_metadata_do_not_change_the_graph(tmp_path: Path) -> None:
    model = tiny()
    file = save(model, tmp_path / "m.onnx")
    before = unchanged.graph_digest(file)
    helper.set_model_props(model, {"some": "thing"})
    assert unchanged.graph_digest(save(model, file)) == before


@pytest.mark.parametrize("subgraph", [False, True])
def test_weights_in_other_files_belong_to_the_digests(tmp_path: Path, subgraph: bool) -> None:
    file = save(tiny(outside="w.bin", subgraph=subgraph), tmp_path / "m.onnx")
    assert external_files(memoryview(file.read_bytes())) == ["w.bin"]
    (tmp_path / "w.bin").write_bytes(np.arange(3, dtype=np.float32).tobytes())
    before = unchanged.file_digest(file), unchanged.graph_digest(file)
    (tmp_path / "w.bin").write_bytes(np.arange(1, 4, dtype=np.float32).tobytes())
    after = unchanged.file_digest(file), unchanged.graph_digest(file)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_without_other_files_it_is_the_hash_of_the_file(tmp_path: Path) -> None:
    file = save(tiny(), tmp_path / "m.onnx")
    assert unchanged.file_digest(file) == hashlib.sha256(file.read_bytes()).hexdigest()
    assert graph(memoryview(file.read_bytes())) == tiny().graph.SerializeToString()


def test_what_is_no_model_has_a_digest_or_an_error(tmp_path: Path) -> None:
    """At every length, and with every byte another one: an answer or a HarcliError, never anything else."""
    whole = save(tiny(outside="w.bin", subgraph=True), tmp_path / "whole.onnx").read_bytes()
    (tmp_path / "w.bin").write_bytes(bytes(12))
    variants = [whole[:end] for end in range(0, len(whole), 3)]
    variants += [whole[:i] + bytes([whole[i] ^ bit]) + whole[i + 1 :] for i in range(len(whole)) for bit in (1, 128)]
    for number, data in enumerate(variants):
        file = tmp_path / f"{number}.onnx"
        file.write_bytes(data)
        for function in (unchanged.file_digest, unchanged.graph_digest):
            with contextlib.suppress(HarcliError):
                assert len(function(file)) == 64
