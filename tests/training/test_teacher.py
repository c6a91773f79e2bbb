"""A smaller network that learns from a trained one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from harcli.errors import HarcliError
from harcli.network import checkpoint
from harcli.training.config import from_recipe
from harcli.training.losses import Criterion
from harcli.training.teacher import UNTAUGHT, Teacher, shrink

Harcli = Callable[..., "subprocess.CompletedProcess[str]"]
CPU = torch.device("cpu")


def test_probabilities_by_name_at_its_own_size(trained: Path) -> None:
    path = trained / "last.safetensors"
    teacher = Teacher(str(path), ["collar", "hat", "male"], CPU, "fp32")
    assert (teacher.size, teacher.known) == ((64, 32), 2)
    images = torch.rand(3, 3, 64, 32)
    said = teacher(images)
    theirs = checkpoint.load(path)[0](images).logits.sigmoid()  # male, female, collar
    assert torch.allclose(said[:, [2, 0]], theirs[:, [0, 2]], atol=1e-5)
    assert (said[:, 1] == UNTAUGHT).all()


def test_an_installed_model_teaches() -> None:
    """What is made with its help is under the terms of its data sets."""
    teacher = Teacher("da-har-lite2", ["hat"], CPU, "fp32")
    assert (teacher.size, teacher.known) == ((256, 128), 1)
    assert {"everyday", "peta"} <= set(teacher.datasets)
    assert teacher(torch.zeros(1, 3, 256, 128)).shape == (1, 1)


def test_a_teacher_of_other_things_is_refused(trained: Path) -> None:
    with pytest.raises(HarcliError, match="none of this run's attributes"):
        Teacher(str(trained / "last.safetensors"), ["hat"], CPU, "fp32")


def test_the_loss_is_least_where_the_teacher_is_met() -> None:
    """Also where labels are unknown, and not where the teacher does not know the attribute."""
    taught = torch.tensor([[0.9, 0.2, UNTAUGHT]])
    labels = torch.tensor([[-1.0, 1.0, 1.0]])
    logits = torch.tensor([[2.1972246, -1.3862944, 0.0]], requires_grad=True)  # of .9, .2 and .5
    alone = Criterion(from_recipe("modern", teacher_weight=1.0), torch.full((3,), 0.5))
    alone(logits, labels, taught=taught).backward()
    assert torch.allclose(logits.grad, torch.zeros(1, 3), atol=1e-6)
    logits.grad = None
    both = Criterion(from_recipe("modern", teacher_weight=0.5), torch.full((3,), 0.5))
    both(logits, labels, taught=taught).backward()
    assert logits.grad[0, 0] == pytest.approx(0, abs=1e-6)  # unknown label, teacher met
    assert logits.grad[0, 1] < 0  # the label wants more
    assert logits.grad[0, 2] < 0  # the label alone


def test_views_are_shrunk_and_unknown_masks_stay_unknown() -> None:
    images, mask = torch.full((2, 3, 64, 32), 0.5), torch.full((2, 4, 2), -1.0)
    mask[1] = 1
    smaller, cells = shrink(images, mask, (32, 32))
    assert smaller.shape == (2, 3, 32, 32)
    assert torch.allclose(smaller, torch.full_like(smaller, 0.5), atol=1e-5)
    assert (cells[0] == -1).all()
    assert (cells[1] == 1).all()
    assert shrink(images, mask, (64, 32)) == (images, mask)


def test_a_teacher_changes_what_a_run_learns(
    trained: Path, root: Path, small: tuple[str, ...], train_harcli: Harcli, tmp_path: Path
) -> None:
    """The teacher moves the weights: the same run without it ends elsewhere."""
    teacher = ("--teacher", trained / "last.safetensors", "--teacher-weight", "0.7")
    run = ("train", *small, "--iterations", "2", "--root", root)
    train_harcli(*run, *teacher, "--out", tmp_path / "taught")
    train_harcli(*run, "--out", tmp_path / "alone")
    losses = [
        json.loads((tmp_path / name / "log.jsonl").read_text().splitlines()[0])["loss"] for name in ("taught", "alone")
    ]
    assert losses[0] != losses[1]
    spec = json.loads((tmp_path / "taught" / "config.json").read_text())["run"]
    assert (spec["teacher"], spec["train"]["teacher_weight"]) == (str(teacher[1]), 0.7)


def test_no_teacher_there(root: Path, small: tuple[str, ...], train_harcli: Harcli, tmp_path: Path) -> None:
    words = ("train", *small, "--root", root, "--out", tmp_path / "run", "--teacher", tmp_path / "none.safetensors")
    assert "none.safetensors: cannot be read as a checkpoint" in train_harcli(*words, check=1).stderr
    assert not (tmp_path / "run").exists()
