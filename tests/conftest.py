"""What the tests of several rooms share: real photos, and the real command as a process."""

from __future__ import annotations

import csv
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session", autouse=True)
def first_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store for what is made once for many tests: before `store`, and never the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARCLI_STORE", str(tmp_path_factory.mktemp("store") / "store.db"))
        yield


@pytest.fixture(autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `harcli tag` keeps what it finds: for each test its own, and never the user's."""
    path = tmp_path_factory.mktemp("store") / "store.db"
    monkeypatch.setenv("HARCLI_STORE", str(path))
    return path


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the user's own harcli.toml."""
    monkeypatch.setenv("HARCLI_SETTINGS", "")


@pytest.fixture
def bound_by_permissions(tmp_path_factory: pytest.TempPathFactory) -> None:
    """For tests of what may not be read or written, which the superuser may, unless that is taken away."""
    folder = tmp_path_factory.mktemp("closed")
    folder.chmod(0)
    allowed = os.access(folder, os.R_OK | os.W_OK)
    folder.chmod(0o700)
    if allowed:
        advice = "setpriv --bounding-set=-dac_override,-dac_read_search pytest -k may_not_be"
        pytest.skip(f"this user may read and write anything: run this as another user, or by {advice}")


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder with bus.jpg and zidane.jpg in the installed ultralytics package, which is not imported."""
    spec = importlib.util.find_spec("ultralytics")
    if spec is None or spec.origin is None:
        pytest.skip("the photos bus.jpg and zidane.jpg come with ultralytics: pip install '.[dev]'")
    return Path(spec.origin).parent / "assets"


@pytest.fixture
def photos(assets: Path, tmp_path: Path) -> Path:
    """A folder of one's own with bus.jpg and zidane.jpg."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("bus.jpg", "zidane.jpg"):
        shutil.copy(assets / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An attribute model that costs nothing: how red, green and blue a picture is stands for hat, female and jeans."""
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    return _of_the_benchmarks("watched").tiny_model(path)  # type: ignore[no-any-return]


def _of_the_benchmarks(name: str) -> ModuleType:
    """A module of the folder `benchmarks`, which is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def harcli(tmp_path: Path) -> Run:
    """`harcli(*arguments, **options of subprocess.run)` runs the command as a process in the test's folder."""

    def run(*arguments: str | Path | bytes, **options: object) -> subprocess.CompletedProcess[str]:
        settings: dict[str, object] = {"capture_output": True, "text": True, "cwd": tmp_path, "timeout": 300}
        command = [sys.executable, "-m", "harcli", *arguments]
        return subprocess.run(command, **(settings | options))  # type: ignore[call-overload, no-any-return]

    return run


@pytest.fixture(scope="session")
def shown_by() -> Callable[[int], bytes]:
    """Reads all that a pseudo-terminal shows until the other end closes it, and closes this one."""

    def read(leader: int) -> bytes:
        shown = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # Linux' way of saying that the other end is closed
                break
            if not part:
                break
            shown += part
        os.close(leader)
        return shown

    return read


@pytest.fixture
def rows() -> Callable[[Path], list[dict[str, str]]]:
    """Reads a CSV file of results."""

    def read(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            return list(csv.DictReader(stream))

    return read


@pytest.fixture(scope="session")
def dataset_rows() -> Callable[[Path], list[dict[str, object]]]:
    """Reads all rows of a folder of Parquet files, by path, without the stamps of photos."""

    def read(folder: Path) -> list[dict[str, object]]:
        dataset = pytest.importorskip("pyarrow.dataset", reason="Parquet needs pip install '.[dev]'")
        rows = dataset.dataset(folder, format="parquet").to_table().to_pylist()
        plain = [{name: value for name, value in row.items() if not name.startswith("photo_")} for row in rows]
        return sorted(plain, key=lambda row: (row["path"], row["person"]))

    return read


@pytest.fixture(scope="session")
def mini_peta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with PETA in its published layout, 60 small images with random labels: 30 train, 10 validate, 20 test."""
    from PIL import Image
    from scipy.io import savemat

    from harcli.datasets import peta

    root = tmp_path_factory.mktemp("peta_root")
    (root / "peta" / "images").mkdir(parents=True)
    rng = np.random.default_rng(5)
    for i in range(1, 61):
        coarse = Image.fromarray(rng.integers(0, 256, (8, 4, 3), dtype=np.uint8))
        coarse.resize((40, 90), Image.Resampling.BILINEAR).save(root / "peta" / "images" / f"{i:05d}.png")
    used = [label.lstrip("!") for rule in peta.TABLE.values() for label in (*rule.positive, *(rule.negative or ()))]
    names = [*dict.fromkeys([*peta.ATTRIBUTES, *used])]
    labels = (rng.random((60, len(names))) < 0.4).astype(np.uint16)
    labels[:, names.index("personalFemale")] = 1 - labels[:, names.index("personalMale")]
    about = [[i + 1, i + 1, 1, i + 1] for i in range(60)]
    attribute = np.array(names, dtype=object)[:, None]
    parts = {"train": range(1, 31), "val": range(31, 41), "test": range(41, 61)}
    partitions = np.empty((5, 1), dtype=object)
    partitions[:, 0] = [{name: np.array(rows, np.uint16)[:, None] for name, rows in parts.items()}] * 5
    data = np.hstack([np.array(about, np.uint16), labels])
    savemat(
        root / "peta" / "PETA.mat",
        {"peta": {"data": data, "attribute": attribute, "partion_attribute": partitions}},
    )
    return root


@pytest.fixture(scope="session")
def make_network() -> Callable[..., object]:
    """`make_network(attributes, seed=1)`: a small Da-HAR whose batch statistics are of its own activations, so that
    its outputs vary."""
    import torch

    from harcli.network import DaHar, DaHarConfig

    def make(attributes: int, seed: int = 1) -> DaHar:
        torch.manual_seed(seed)
        model = DaHar(DaHarConfig(attributes, 18))
        with torch.no_grad():
            for module in model.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.momentum = None
            model.train()(torch.randn(8, 3, 64, 32))
            for parameter in (model.fc.weight, model.head.confidence.weight):
                parameter.normal_(0, 0.1)
        return model.eval()

    return make
