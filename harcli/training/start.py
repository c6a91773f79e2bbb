"""What a run goes on from: a checkpoint, or the model file that was made from one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harcli.errors import HarcliError
from harcli.evaluation.view import Size, trained_view
from harcli.export.restore import restore
from harcli.network import DaHar, checkpoint
from harcli.recognition.model import AttributeModel


@dataclass(frozen=True, slots=True)
class Start:
    """A trained network.

    Attributes:
        attributes: in the order of its columns.
        datasets: that it learnt from, whose terms hold for what is made of it too.
        fixed_norms: whether its batch norms have no statistics, see `TrainConfig`.
    """

    model: DaHar
    attributes: list[str]
    datasets: list[str]
    fixed_norms: bool


def open_start(spec: str) -> Start:
    """Open a checkpoint of `harcli train`; or an `.onnx` file, a folder with a `model.onnx`, or an installed model.

    Raises:
        HarcliError: there is none, or training cannot go on from it.
    """
    if not _is_checkpoint(spec):
        model, metadata = restore(spec)
        return Start(model, metadata.names, list(metadata.datasets), True)
    model, about = checkpoint.load(Path(spec))
    try:
        attributes, datasets = list(map(str, about["attributes"])), list(map(str, about.get("datasets", ())))
        return Start(model, attributes, datasets, bool(about["train"].get("fixed_norms", False)))
    except (KeyError, TypeError, AttributeError) as error:
        raise HarcliError(f"{spec}: does not say its attributes and how it was trained; train it again") from error


def view_of_start(spec: str) -> tuple[Size, Size, float]:
    """`size`, `full` and `margin` that the network has seen people by, see `TrainConfig`.

    Raises:
        HarcliError: see `open_start`.
    """
    if not _is_checkpoint(spec):
        seen = AttributeModel.load(spec, provider="cpu").metadata.input
        return (seen.height, seen.width), (seen.height, seen.width), seen.margin
    try:
        return trained_view(checkpoint.read_about(Path(spec))["train"])
    except (KeyError, TypeError, ValueError) as error:
        raise HarcliError(f"{spec}: does not say its input size; train it again") from error


def _is_checkpoint(spec: str) -> bool:
    return Path(spec).suffix.lower() == ".safetensors"
