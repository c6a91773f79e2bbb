"""What a process of the cluster does, in this process and without Ray."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="a cluster needs pyarrow: pip install '.[dev]'")

from PIL import Image

from harcli.cluster.blocks import block_rows, blocks_in
from harcli.cluster.worker import Job, Worker
from harcli.outputs.dataset.folder import Folder
from harcli.outputs.dataset.stamps import Named, Stamp
from harcli.tagging.tagger import Tagger

Ask = Callable[..., str]


def handed_over(row: dict[str, Any]) -> dict[str, list[Any]]:
    """A row as Ray Data gives it to a process."""
    return {name: [value] for name, value in row.items()}


@pytest.fixture
def job(tiny_model: Path, tmp_path: Path) -> Job:
    tagger = Tagger(tiny_model, detect=False)
    folder = Folder(tmp_path / "tags")
    folder.begin(tagger.settings, {})
    return Job({"model": str(tiny_model), "detect": False}, tagger.settings, tagger.info, folder, "run")


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`ask(job)`: why a process with this job gives back a block of one photo."""
    Image.new("RGB", (60, 90)).save(tmp_path / "a.png")

    def ask(job: Job, place: Path = tmp_path / "a.png") -> str:
        [row] = block_rows([Named("a.png", place, Stamp())], 1)
        [answer] = Worker(job, ledger=None)(handed_over(row))["failure"]
        return str(answer)

    return ask


def test_a_model_that_a_node_lacks(job: Job, ask: Ask, tmp_path: Path) -> None:
    said = ask(replace(job, options={"model": str(tmp_path / "gone.onnx"), "detect": False}))
    assert said.startswith("node ")
    assert "gone.onnx" in said


def test_another_model_under_the_same_name(job: Job, ask: Ask) -> None:
    assert "has another model file than the driver" in ask(replace(job, settings={**job.settings, "model file": "0"}))


def test_another_version_of_harcli(job: Job, ask: Ask) -> None:
    assert "the driver 0.0.9; install the same on all nodes" in ask(replace(job, version="0.0.9"))


def test_a_folder_that_a_node_does_not_see(job: Job, ask: Ask, tmp_path: Path) -> None:
    said = ask(replace(job, folder=Folder(tmp_path / "elsewhere")))
    assert f"does not see the folder {tmp_path / 'elsewhere'}/" in said


def test_photos_that_a_node_does_not_see(job: Job, ask: Ask, tmp_path: Path) -> None:
    """All of them would be called missing."""
    said = ask(job, tmp_path / "elsewhere" / "a.png")
    assert f"there is no folder {tmp_path / 'elsewhere'}; a cluster tags photos that all nodes see" in said


def test_a_photo_whose_name_is_not_utf_8_is_handed_on() -> None:
    name = b"\xff.jpg".decode("utf-8", "surrogateescape")
    photo = Named(name, Path(name), Stamp("", 1, 2))
    [row] = block_rows([photo], 1)
    assert list(blocks_in(handed_over(row))) == [(0, [photo])]


@pytest.mark.parametrize(
    ("names", "processes", "sizes"),
    [
        (["a.jpg"] * 1200, 1, [300] * 4),
        (["a.jpg"] * 5000, 1, [500] * 10),
        (["a.jpg"] * 7, 8, [1] * 7),
        (["a.jpg"] * 10, 2, [1] * 10),
        (["a.mp4"] * 80, 1, [10] * 8),
        ([], 4, []),
    ],
)
def test_blocks_are_of_some_hundred_photos_or_a_few_videos(names: list[str], processes: int, sizes: list[int]) -> None:
    photos = [Named(f"{number}{name}", Path(name), Stamp()) for number, name in enumerate(names)]
    rows = block_rows(photos, processes)
    blocks = [block for row in rows for block in blocks_in(handed_over(row))]
    assert [len(block) for _, block in blocks] == sizes
    assert [photo for _, block in blocks for photo in block] == photos
    assert [number for number, _ in blocks] == [sum(sizes[:each]) for each in range(len(sizes))]


class _Answer:
    """A ledger in this process: what it answers is there at once."""

    def __init__(self, value: Any) -> None:
        self.remote = lambda *about: value


def test_a_part_that_is_made_twice_is_there_once(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may die when its part is written, and before it has said so."""
    ray = pytest.importorskip("ray", reason="a cluster needs ray: pip install '.[dev]'")
    monkeypatch.setattr(ray, "get", lambda value: value)
    Image.new("RGB", (60, 90)).save(tmp_path / "a.png")
    [row] = block_rows([Named("a.png", tmp_path / "a.png", Stamp())], 1)
    for before in (0, 1):
        ledger = type("Ledger", (), dict.fromkeys(("at", "past", "done"), _Answer(None)))
        ledger.begin = _Answer((before, {}))  # type: ignore[attr-defined]
        answer = Worker(job, ledger)(handed_over(row))
        assert answer["failure"] == [""]
        assert pickle.loads(answer["tally"][0]).photos == 1
    assert len(list((tmp_path / "tags").glob("*.parquet"))) == 1
