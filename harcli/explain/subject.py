"""What is looked into: a checkpoint or a model file, with what is needed to show it a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harcli.attributes import resolve_tags
from harcli.attributes.showing import telling_first
from harcli.errors import HarcliError
from harcli.explain.maps import Map, Maps
from harcli.near import did_you_mean


@dataclass(frozen=True, slots=True)
class Subject:
    """A network that can be shown a person.

    Attributes:
        path: of its file.
        title: what it is, in a line.
        names: A attribute names, in the order of its outputs.
        thresholds: A probabilities from which on each is a tag.
        margin: share of the box's width and height that is added on each side.
        lacks: the drawn parts that it does not have, of those that a file of its kind can have.
        has_mask: whether its maps have a person mask.
        look: the maps of a person crop, uint8 `(h, w, 3)` with the margin in it, prepared as in recognition.
        mask_weight: the weight of mask supervision in its training; 0 also where that is not known.
    """

    path: Path
    title: str
    names: tuple[str, ...]
    thresholds: tuple[float, ...]
    margin: float
    lacks: tuple[str, ...]
    has_mask: bool
    look: Callable[[NDArray[np.uint8]], Maps]
    mask_weight: float = 0.0

    def indices(self, wanted: Sequence[str]) -> list[int]:
        """Where the named attributes stand in the outputs.

        Raises:
            HarcliError: the network does not have one of them.
        """
        for name in wanted:
            if name not in self.names:
                meant = did_you_mean([name], self.names, f"it has {', '.join(self.names)}")
                raise HarcliError(f"{self.path}: has no attribute '{name}'; {meant}")
        return [self.names.index(name) for name in wanted]

    def tagged(self, probabilities: Map) -> list[int]:
        """Attributes from their thresholds on, contradictory ones resolved as in `harcli tag`.

        The most probable come first, commonplace ones last.
        """
        values = probabilities.tolist()
        tags = resolve_tags(self.names, values, self.thresholds)
        return self.indices(telling_first(sorted(tags, key=lambda tag: -values[self.names.index(tag)])))

    def most_certain(self, probabilities: Map, count: int) -> list[int]:
        """The tagged attributes, filled up to `count` with those that come nearest to being tagged."""
        tagged = self.tagged(probabilities)
        short = np.array(self.thresholds, np.float32) - probabilities
        rest = [int(i) for i in np.argsort(short, kind="stable") if i not in tagged]
        return (tagged + rest)[:count]


def open_subject(spec: str | None) -> Subject:
    """What `--model` names: a checkpoint of `harcli train` (`.safetensors`), else a model file.

    Args:
        spec: a path, or the name of an installed model; None: the built-in one, which needs no torch.

    Raises:
        HarcliError: there is no such file, it is neither, or a model file that gives probabilities alone.
    """
    if spec is not None and Path(spec).suffix.lower() == ".safetensors":
        from harcli.explain.checkpoint import open_checkpoint

        return open_checkpoint(Path(spec))
    from harcli.explain.model_file import open_model_file

    return open_model_file(spec)
