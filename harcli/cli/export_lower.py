"""`harcli export-onnx --precision`: the part that lowers a model, and checks it on labelled people."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import numpy as np
    import onnx
    from numpy.typing import NDArray

    from harcli.recognition.metadata import ModelMetadata

CALIBRATION = 128
"""Crops on which int8 finds its ranges; for a detector, photos."""


@dataclass(frozen=True, slots=True)
class Lowering:
    """What the options of the command ask for; the names are theirs."""

    crops: Path
    out: Path
    precision: str
    held_out: str
    data: Path | None

    def __post_init__(self) -> None:
        from harcli.errors import HarcliError
        from harcli.near import did_you_mean
        from harcli.runtime.precision import PRECISIONS

        if self.precision not in PRECISIONS:
            advice = f"choose one of {', '.join(PRECISIONS)}"
            raise HarcliError(
                f"unknown precision {self.precision!r}; {did_you_mean([self.precision], PRECISIONS, advice)}"
            )
        if self.precision != "fp32" and self.held_out and self.data is None:
            raise HarcliError("the check on held-out people needs --data (or HARCLI_DATA); --held-out '' leaves it out")

    def of_file(self, path: Path) -> None:
        """Lower a model file of harcli, or a detector; what it says about itself stays."""
        import onnx

        from harcli.errors import HarcliError
        from harcli.recognition.metadata import KEY, ModelMetadata
        from harcli.recognition.model import AttributeModel
        from harcli.runtime import open_session
        from harcli.runtime.unchanged import graph_digest

        if self.precision == "fp32":
            raise HarcliError(f"{path} is a model already: give --precision fp16 or int8")
        properties = open_session(path, "cpu").get_modelmeta().custom_metadata_map
        if KEY not in properties and "names" in properties:
            self._detector(path)
            return
        AttributeModel.load(path, provider="cpu")  # says what is wrong with it
        proto = onnx.load(str(path))
        self.write(proto, ModelMetadata.from_json(properties[KEY], str(path)), graph_digest(path))

    def write(self, proto: onnx.ModelProto, metadata: ModelMetadata, lowered_from: str = "") -> None:
        """Lower the model, compare, write the file.

        Raises:
            HarcliError: it lost more on the held-out people than it may.
        """
        from harcli.export import lower
        from harcli.export.onnx_file import write
        from harcli.export.parity import network_input
        from harcli.runtime.precision import LOWERED_FROM, PRECISION_KEY

        spec = metadata.input
        lowered = lower.lower(proto, self.precision, network_input(sample_crops(self.crops, CALIBRATION), spec))
        if self.held_out:
            from harcli.datasets import labels_of

            assert self.data is not None
            people = lower.held_out(self.held_out, self.data)
            images = network_input(lower.people_images(people, spec.margin), spec)
            labels = labels_of(people, metadata.names)
            before, after = (lower.mean_ap(model, images, labels) for model in (proto, lowered))
            told = f"mean AP on {len(people)} people of {self.held_out}, part val"
            typer.echo(f"{told}: fp32 {before:.4f}, {self.precision} {after:.4f}", err=True)
            lower.check_loss(before, after, self.precision)
        origin = {LOWERED_FROM: lowered_from} if lowered_from else {}
        write(lowered, metadata, self.out, {PRECISION_KEY: self.precision, **origin})
        typer.echo(f"{self.out}: {self.out.stat().st_size / 1e6:.1f} MB", err=True)

    def _detector(self, path: Path) -> None:
        """Lower a detector, compare, write the file.

        Raises:
            HarcliError: not to int8; or it lost more of the held-out people than it may.
        """
        import onnx

        from harcli.errors import HarcliError
        from harcli.export import lower, lower_detector
        from harcli.export.onnx_file import write_with
        from harcli.people.onnx_detector import OnnxDetector
        from harcli.runtime.precision import LOWERED_FROM, PRECISION_KEY
        from harcli.runtime.unchanged import GRAPH_KEY, graph_digest

        if self.precision != "int8":
            raise HarcliError(f"{path} is a detector, which can be lowered to int8 alone: give --precision int8")
        detector = OnnxDetector(path, provider="cpu")
        if detector.long_side is None:
            raise HarcliError(f"{path} has an input of fixed size: export it with height and width left open")
        proto = onnx.load(str(path))
        properties = {prop.key: prop.value for prop in proto.metadata_props if prop.key != GRAPH_KEY}
        properties |= {PRECISION_KEY: self.precision, LOWERED_FROM: graph_digest(path)}
        people = lower.held_out(self.held_out, self.data) if self.held_out and self.data is not None else []
        photos = sample_crops(self.crops, CALIBRATION, self._kept_back())
        lowered = lower_detector.lower_detector(proto, photos, detector.long_side)
        with tempfile.TemporaryDirectory() as folder:
            trial = Path(folder) / self.out.name
            write_with(lowered, properties, trial)
            if people:
                before, count = lower_detector.recall(detector, people)
                after, _ = lower_detector.recall(OnnxDetector(trial, provider="cpu"), people)
                told = f"recall of {count} people of {self.held_out}, part val"
                typer.echo(f"{told}: fp32 {before:.4f}, int8 {after:.4f}", err=True)
                lower_detector.check_recall(before, after)
        write_with(lowered, properties, self.out)
        typer.echo(f"{self.out}: {self.out.stat().st_size / 1e6:.1f} MB", err=True)

    def _kept_back(self) -> set[Path]:
        """The photos of the data set that may decide nothing: its validation and test parts."""
        from harcli.datasets import load

        if not self.held_out or self.data is None:
            return set()
        return {sample.image.resolve() for sample in load([self.held_out], self.data) if sample.part != "train"}


def sample_crops(folder: Path, count: int = 16, without: Collection[Path] = ()) -> list[NDArray[np.uint8]]:
    """Up to `count` photos of a folder, evenly spaced, decoded; one that cannot be read gives way to another.

    Args:
        without: photos that are passed over, as `Path.resolve` gives them.
    """
    from harcli.errors import HarcliError
    from harcli.photos.errors import PhotoError
    from harcli.photos.find import find_photos
    from harcli.photos.guarded import decode_guarded
    from harcli.photos.limits import STANDARD

    files = [file for file in find_photos([folder]).photos if not without or Path(file).resolve() not in without]
    step = max(1, len(files) // count)
    spaced = sorted(range(len(files)), key=lambda i: i % step)  # 0, step, 2 step, ...; then those between
    crops: list[NDArray[np.uint8]] = []
    why = ""
    for i in spaced:
        if len(crops) == count:
            break
        try:
            crops.append(decode_guarded(files[i], STANDARD)[0])
        except PhotoError as error:
            why = f" ({error})"
    if not crops:
        raise HarcliError(f"{folder}: no photo to check the export on{why}")
    return crops
