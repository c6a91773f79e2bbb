"""What a cluster cannot do is said in one line before anything is started."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harcli.cluster.connect import check_address
from harcli.errors import HarcliError

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="a cluster needs ray: pip install '.[ray]'"
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "a.csv"), "'a.csv' is one file; with --on, results go to one folder"),
        (("--out", "tags/", "--out", "a.db"), "'a.db' is one file"),
        (("--out", "tags/", "--xmp"), "sidecars are written beside files, which a cluster does not"),
        (("--out", "tags/", "--save-crops", "crops"), "crops are not cut on a cluster"),
        (("--out", "tags/", "--store", "my.db"), "what a cluster found lies in --out alone"),
        (("--out", "tags/", "--batch-size", "4"), "it is for one machine; see --threads"),
        (("--xmp",), "sidecars are written beside files"),
        ((), "name one; with --on, results go to one folder"),
    ],
)
def test_options_that_make_no_sense(harcli: Callable, photos: Path, arguments: tuple[str, ...], said: str) -> None:
    done = harcli("tag", "photos", "--on", "ray", *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert not (photos.parent / "tags").exists()


@pytest.mark.parametrize("option", [("--concurrency", "4"), ("--gpus-per-worker", "1")])
def test_options_of_a_cluster_want_one(harcli: Callable, photos: Path, option: tuple[str, str]) -> None:
    done = harcli("tag", "photos", "--out", "a.csv", *option)
    assert done.returncode == 2
    assert "it is for a cluster; see --on" in " ".join(done.stderr.replace("│", " ").split())


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Nobody listens there, and nobody else will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@needs_ray
def test_a_cluster_that_does_not_answer(harcli: Callable, photos: Path, closed_port: int) -> None:
    done = harcli("tag", "photos", "--out", "tags/", "--on", f"ray://127.0.0.1:{closed_port}")
    assert done.returncode == 1
    assert f"no cluster answers at 127.0.0.1:{closed_port} (Connection refused)" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@needs_ray
@pytest.mark.parametrize("address", ["slurm", "ray://", "ray://host", "ray://host:port"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(HarcliError, match=r"for example ray://host:10001|such as ray://host:10001"):
        check_address(address)


@needs_ray
def test_the_cluster_of_the_environment_is_looked_for(monkeypatch: pytest.MonkeyPatch, closed_port: int) -> None:
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{closed_port}")
    with pytest.raises(HarcliError, match=f"no cluster answers at 127.0.0.1:{closed_port}"):
        check_address("ray")


def test_without_ray_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HarcliError, match=r"pip install 'harcli\[ray\]'"):
        check_address("ray")


def test_a_strangers_folder_names_no_cluster(harcli: Callable, photos: Path) -> None:
    """Its machines would be sent what runs harcli."""
    (photos.parent / "harcli.toml").write_text('on = "ray://127.0.0.1:10001"\n')
    done = harcli("tag", "photos", "--out", "tags/")
    assert done.returncode == 1
    assert "harcli.toml: on: ray://127.0.0.1:10001 may be anybody's" in done.stderr


def test_a_strangers_folder_names_no_bucket(harcli: Callable, photos: Path) -> None:
    (photos.parent / "harcli.toml").write_text('out = "s3://bucket/tags/"\n')
    done = harcli("tag", "photos")
    assert done.returncode == 1
    assert "lies outside this folder" in done.stderr
