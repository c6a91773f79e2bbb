"""What an installed model says about itself, and how fast it is on this machine."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harcli import strict_json
from harcli.errors import HarcliError
from harcli.people.yolo_metadata import KEY as DETECTOR_KEY
from harcli.recognition.metadata import KEY, AttributeSpec, ModelMetadata

PHOTO = (1080, 810, 3)
"""The size of the photos that a detector's speed is measured with."""

DETECTOR_BATCH = 4
SECONDS = 0.7
"""What measuring a speed takes at least."""

_MAIN_SCORES = {
    "attributes": {"mAP": "mAP", "mA": "mA", "F1": "F1"},
    "detector": {"recall_96px": "recall", "ap50_96px": "AP50"},
}


@dataclass(frozen=True, slots=True)
class Speed:
    """How many people (an attribute model) or photos (a detector), and what computed them."""

    images_per_second: float
    provider: str


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """One model.

    Attributes:
        kind: `attributes`, `detector`, or empty if the file cannot be used.
        size: of the file, in bytes.
        scores: the main ones, by name, from the `scores.json` beside the file or from the file itself.
        precisions: those that lie beside each other, and were made from one model.
        precision: what it computes in here.
        stale: why a file in lower precision is not used, one line each.
        error: why it cannot be used, one line.
    """

    name: str
    file: Path
    size: int
    kind: str = ""
    version: str = ""
    attributes: tuple[AttributeSpec, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    licence: str = ""
    datasets: tuple[str, ...] = ()
    speed: Speed | None = None
    precisions: tuple[str, ...] = ("fp32",)
    precision: str = "fp32"
    stale: tuple[str, ...] = ()
    error: str = ""

    @property
    def card(self) -> Path | None:
        """The `card.md` beside a `model.onnx`, if there is one."""
        return _beside(self.file, "card.md")


def describe(name: str, file: Path, provider: str | None = None) -> InstalledModel:
    """Open a model and read what it says about itself; a file that cannot be used has an `error`.

    Args:
        provider: measure the speed on it as well, for about a second; None: do not.
    """
    size = file.stat().st_size if file.is_file() else 0  # a broken link may be in the folder
    try:
        return _describe(name, file, size, provider)
    except HarcliError as error:
        return InstalledModel(name, file, size, error=str(error))


def _describe(name: str, file: Path, size: int, provider: str | None) -> InstalledModel:
    from harcli.people import load_detector
    from harcli.recognition.model import AttributeModel
    from harcli.runtime import open_session
    from harcli.runtime.precision import choose, stale, there

    properties = open_session(file, "cpu").get_modelmeta().custom_metadata_map
    lower = [each for each in there(file) if each != "fp32"]
    reasons = {each: stale(file, each) for each in lower}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `stale` says it
        used = choose(file, provider or "auto")
    precisions = ("fp32", *(each for each in lower if not reasons[each]))
    not_used = tuple(filter(None, reasons.values()))
    if KEY in properties:
        model = AttributeModel.load(used, provider or "cpu")
        about = model.metadata
        crop = (about.input.height, about.input.width, 3)
        return InstalledModel(
            *(name, file, size, "attributes", about.version, about.attributes),
            scores=_scores(file, "attributes") or _own_scores(about),
            licence=about.licence,
            datasets=about.datasets,
            speed=Speed(_rate(model.probabilities, crop, model.batch_size), model.provider) if provider else None,
            precisions=precisions,
            precision=model.precision,
            stale=not_used,
        )
    detector = load_detector(str(used), provider=provider or "cpu")
    own = strict_json.loads(properties.get(DETECTOR_KEY, "{}"))  # an object, as `load_detector` has seen
    return InstalledModel(
        *(name, file, size, "detector", str(own.get("version", ""))),
        scores=_scores(file, "detector"),
        licence=str(own.get("licence", "")) or properties.get("license", ""),
        datasets=tuple(map(str, datasets if isinstance(datasets := own.get("datasets"), list) else ())),
        speed=Speed(_rate(detector.detect, PHOTO, DETECTOR_BATCH), detector.provider) if provider else None,
        precisions=precisions,
        precision=getattr(detector, "precision", "fp32"),
        stale=not_used,
    )


def _rate(run: Callable[[list[np.ndarray]], object], shape: tuple[int, ...], batch: int) -> float:
    """Images of `shape` in a second, `batch` at a time."""
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    run([image])  # the first run is slower, and does not count
    start, runs, passed = time.perf_counter(), 0, 0.0
    while passed < SECONDS:
        run([image] * batch)
        runs += 1
        passed = time.perf_counter() - start
    return runs * batch / passed


def _scores(file: Path, kind: str) -> dict[str, float]:
    """The main scores of the `scores.json` beside the file; none if it is not there, or of another form.

    How many of a model's tags are true compares with other models; its means, over attributes that others may not
    have, do not, so of those one is enough.
    """
    path = _beside(file, "scores.json")
    if path is None:
        return {}
    try:
        kept = strict_json.loads(path.read_text(encoding="utf-8"))
        # An attribute model's is the JSON of `harcli evaluate`, or holds it as `test`.
        test = kept.get("test", kept)
        scores = test["means"] if kind == "attributes" else kept["person photos"]
        if kind == "attributes" and (tags := test.get("tags")):
            return {"precision": float(tags["precision"]), "recall": float(tags["recall"]), "mAP": float(scores["mAP"])}
        return {shown: float(scores[name]) for name, shown in _MAIN_SCORES[kind].items() if name in scores}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _beside(file: Path, name: str) -> Path | None:
    """What belongs to a model that has a folder of its own."""
    path = file.with_name(name)
    return path if file.name == "model.onnx" and path.is_file() else None


def _own_scores(metadata: ModelMetadata) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in metadata.scores.items()
        if name in _MAIN_SCORES["attributes"] and isinstance(value, float)
    }
