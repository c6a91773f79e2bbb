"""What is looked into: a checkpoint, with what is needed to show it a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.attributes import resolve_tags
from harcli.datasets.transforms import MARGIN, normalise
from harcli.errors import HarcliError
from harcli.explain.maps import Map, Maps, look_inside
from harcli.near import did_you_mean
from harcli.photos.crop import resize

if TYPE_CHECKING:
    from harcli.network import DaHar

THRESHOLD = 0.5  # a checkpoint has no thresholds of its own; `harcli export-onnx` gives them to the model file


@dataclass(frozen=True, slots=True)
class Subject:
    """A checkpoint that can be shown a person.

    Attributes:
        path: of the checkpoint.
        names: A attribute names, in the order of its outputs.
        size: `(height, width)` of a whole person in the network's input.
        margin: share of the box's width and height that is added on each side.
        about: what `harcli train` said about the run.
    """

    path: Path
    network: DaHar
    names: tuple[str, ...]
    size: tuple[int, int]
    margin: float
    about: dict[str, Any]

    @classmethod
    def load(cls, path: Path) -> Subject:
        """Open a checkpoint of `harcli train`.

        Raises:
            HarcliError: it is none, for example an .onnx file.
        """
        from harcli.network import checkpoint

        if path.suffix.lower() == ".onnx":
            raise HarcliError(
                f"{path}: an .onnx file gives probabilities only, its inner maps cannot be read; "
                "give the checkpoint (.safetensors) that it was exported from"
            )
        network, about = checkpoint.load(path)
        try:
            train = about["train"]
            height, width = train.get("full") or train["size"]
            names = tuple(map(str, about["attributes"]))
            return cls(path, network, names, (int(height), int(width)), float(train.get("margin", MARGIN)), about)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HarcliError(f"{path}: does not say its attributes and input size; train it again") from error

    def title(self) -> str:
        """What it is, in a line."""
        lacks = f" without {', '.join(self.lacks())}" if self.lacks() else ""
        return f"{self.path.name}: ResNet-{self.network.config.depth}{lacks}, input {self.size[0]}x{self.size[1]}"

    def lacks(self) -> list[str]:
        """The drawn parts of Da-HAR that this network does not have."""
        network = self.network
        parts = {"self-masks": network.self_masks, "person mask": network.mask_branch, "attention": network.head}
        return [name for name, part in parts.items() if part is None]

    def look(self, pixels: NDArray[np.uint8]) -> Maps:
        """The maps of a person crop, uint8 `(h, w, 3)` with the margin in it, prepared as in recognition."""
        return look_inside(self.network, normalise(Image.fromarray(resize(pixels, *self.size))))

    def indices(self, wanted: Sequence[str]) -> list[int]:
        """Where the named attributes stand in the outputs.

        Raises:
            HarcliError: the checkpoint does not have one of them.
        """
        for name in wanted:
            if name not in self.names:
                others = did_you_mean([name], self.names, f"it has {', '.join(self.names)}")
                raise HarcliError(f"{self.path}: has no attribute '{name}'; {others}")
        return [self.names.index(name) for name in wanted]

    def tagged(self, probabilities: Map) -> list[int]:
        """Attributes at `THRESHOLD` or above, contradictory ones resolved as in `harcli tag`, most probable first."""
        values = probabilities.tolist()
        tags = resolve_tags(self.names, values, [THRESHOLD] * len(values))
        return sorted(self.indices(tags), key=lambda i: -values[i])

    def most_certain(self, probabilities: Map, count: int) -> list[int]:
        """The tagged attributes, filled up to `count` with those that come nearest to being tagged."""
        tagged = self.tagged(probabilities)
        rest = [int(i) for i in np.argsort(-probabilities, kind="stable") if i not in tagged]
        return (tagged + rest)[:count]
