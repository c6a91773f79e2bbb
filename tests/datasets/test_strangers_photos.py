"""Whatever reads the photos of data sets keeps to the limits that tagging keeps to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image

from harcli.datasets import check, transforms
from harcli.datasets.sample import Sample
from harcli.errors import HarcliError
from harcli.evaluation.predict import predict_onnx
from harcli.explain import shown
from harcli.photos import guarded
from harcli.photos.errors import PhotoError
from harcli.photos.limits import Limits

MODEL = SimpleNamespace(cut=lambda rgb, box: rgb, probabilities=lambda crops: np.zeros((len(crops), 1), np.float32))

DECODERS: dict[str, Callable[[Path], object]] = {
    "train": lambda path: transforms.cut_out(Sample("own", path, frozenset(), "train")),
    "evaluate a model file": lambda path: predict_onnx(MODEL, [Sample("own", path, frozenset(), "test")]),  # type: ignore[arg-type]
    "explain": lambda path: shown.show(path, MODEL, MODEL),  # type: ignore[arg-type]
    "datasets check --decode": lambda path: [_raise(bad) for bad in check.undecodable([path])],
}


def _raise(bad: tuple[Path, str] | None) -> None:
    if bad is not None:
        raise HarcliError(bad[1])


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A JPEG that goes over its picture 500 times; the process that would decode it does not start."""
    path = tmp_path / "scans.jpg"
    Image.new("L", (1000, 1000), 90).save(path, progressive=True)
    data = path.read_bytes()
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * 500 + data[-2:])

    def apart(path: Path, limits: Limits, peak: int, shrink: float = 1.0) -> NoReturn:
        raise PhotoError(path, f"decoded apart, in {limits.seconds:g} s")

    monkeypatch.setattr(guarded, "decode_apart", apart)
    return path


@pytest.mark.parametrize("what", DECODERS)
def test_what_looks_as_if_it_takes_long_is_decoded_where_it_can_be_ended(what: str, scans: Path) -> None:
    with pytest.raises(HarcliError, match="decoded apart, in 60 s"):
        DECODERS[what](scans)
