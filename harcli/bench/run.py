"""Everything that `harcli bench` measures, within the time that it is given."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import harcli
from harcli.bench.child import Request
from harcli.bench.end_to_end import EndToEnd, tag_photos
from harcli.bench.made_photos import PEOPLE, SIZES, make_photos
from harcli.bench.network import variants
from harcli.bench.networks import Timed, time_networks
from harcli.bench.peak import Peak
from harcli.errors import HarcliError
from harcli.models_dir import DEFAULT_MODEL, DETECTOR, find_model
from harcli.runtime import limit_threads, thread_count

_NETWORKS_SHARE = 0.4
"""Of the time: for the networks alone. The rest is for photos, but for what starting takes."""
_PHOTOS_SHARE = 0.36


@dataclass(frozen=True, slots=True)
class Settings:
    """What to measure.

    Attributes:
        photos: files of the user's; empty: photos are made.
        model, detector: names or files; None: those that come with harcli.
        checkpoint: of `harcli train`, for torch.
        seconds: about so long in all.
    """

    photos: Sequence[Path] = ()
    model: str | None = None
    detector: str | None = None
    provider: str = "auto"
    threads: int | None = None
    batch_size: int | None = None
    checkpoint: Path | None = None
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        machine: processor, memory and cards, see `harcli.doctor.machine`.
        versions: of what matters, by name.
        threads: that computed.
        took: seconds in all.
        peaks: of a matrix product, by precision.
    """

    harcli: str
    machine: dict[str, Any]
    versions: dict[str, str]
    provider: str
    threads: int
    seconds: float
    took: float
    peaks: dict[str, Peak]
    networks: list[Timed]
    end_to_end: list[EndToEnd]


def measure(settings: Settings, tell: Callable[[str], None] = lambda what: None) -> Measured:
    """Measure all of it.

    Args:
        tell: is told what is being measured.

    Raises:
        HarcliError: a model or the provider cannot be used, or no photo can be read.
    """
    from harcli.doctor import machine, packages

    begin = time.perf_counter()
    limit_threads(settings.threads)
    files = [file for spec in (settings.model or DEFAULT_MODEL, settings.detector or DETECTOR) for file in _files(spec)]
    if settings.checkpoint is not None and not settings.checkpoint.is_file():
        raise HarcliError(f"{settings.checkpoint}: no such file")
    photos = _tag(settings, tell)  # first, since mistakes show there
    tell("the networks alone")
    networks, peaks = time_networks(files, settings.provider, settings.seconds * _NETWORKS_SHARE, settings.checkpoint)
    found = {"onnxruntime": _onnx_runtime(), **{name: packages.version(name) for name in ("numpy", "pillow", "torch")}}
    looks = (machine.system(), machine.processor(), machine.memory(), machine.gpu())
    return Measured(
        harcli=harcli.__version__,
        machine={check.name: dict(check.facts) for check in looks},
        versions={name: version for name, version in found.items() if version},
        provider=photos[0].provider,
        threads=thread_count(),
        seconds=settings.seconds,
        took=time.perf_counter() - begin,
        peaks=peaks,
        networks=networks,
        end_to_end=photos,
    )


def _tag(settings: Settings, tell: Callable[[str], None]) -> list[EndToEnd]:
    """The user's photos, or those that are made, of each size."""
    if settings.photos:
        what = f"{len(settings.photos)} photo{'s' if len(settings.photos) > 1 else ''} of yours"
        tell(what)
        return [tag_photos(what, _request(settings, settings.photos, (), settings.seconds * _PHOTOS_SHARE))]
    done = []
    for megapixels in SIZES:
        what = f"{megapixels} megapixels, made by harcli"
        tell(what)
        with tempfile.TemporaryDirectory(prefix="harcli-bench-") as folder:
            made = make_photos(Path(folder), megapixels)
            share = settings.seconds * _PHOTOS_SHARE / len(SIZES)
            done.append(tag_photos(what, _request(settings, made, PEOPLE, share)))
    return done


def _request(settings: Settings, photos: Sequence[Path], people: Sequence[Sequence[float]], seconds: float) -> Request:
    return Request(
        [str(photo.absolute()) for photo in photos],
        people,
        seconds,
        **{name: getattr(settings, name) for name in ("model", "detector", "provider", "threads", "batch_size")},
    )


def _files(spec: str) -> list[Path]:
    """A model's file, and its other precisions; none for what only torch opens."""
    if spec.lower().endswith(".pt"):
        return []
    file = find_model(spec)
    if file is None:
        raise HarcliError(f"no model '{spec}': neither a file nor an installed one; `harcli models` lists them")
    return variants(file)


def _onnx_runtime() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)
