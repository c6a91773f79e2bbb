"""A trained network that a smaller one learns from, beside the labels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from harcli.errors import HarcliError
from harcli.network import DaHar
from harcli.network.precision import autocast, precision
from harcli.training.start import open_start, view_of_start

UNTAUGHT = -1.0
"""In place of a probability: of an attribute that the teacher does not know."""


class Teacher:
    """Gives probabilities of the very views that the student sees (Beyer et al. 2022, "a good teacher is patient and
    consistent"), at its own input size: the student's are shrunk from them.

    Attributes:
        size: `(height, width)` of its input.
        known: how many of the attributes it knows.
        datasets: that it learnt from, whose terms hold for the student too.
    """

    def __init__(self, spec: str, attributes: Sequence[str], device: torch.device, numbers: str) -> None:
        """Open a teacher of `attributes`, computed in `numbers` (`--precision`).

        Args:
            spec: a checkpoint, a model file or an installed model, see `open_start`.

        Raises:
            HarcliError: there is none, or it knows none of the attributes.
        """
        opened = open_start(spec)
        theirs = {name: i for i, name in enumerate(opened.attributes)}
        self.size = view_of_start(spec)[1]
        self.datasets = opened.datasets
        self.known = sum(name in theirs for name in attributes)
        if not self.known:
            raise HarcliError(f"{spec}: was trained for none of this run's attributes, so it cannot teach them")
        places = [theirs.get(name, len(theirs)) for name in attributes]  # the last column is UNTAUGHT
        self.places = torch.tensor(places, device=device)
        self.device, self.precision = device, precision(numbers, device, self.size[1])
        model = opened.model.requires_grad_(False).to(device)
        self.model: DaHar = model.to(memory_format=torch.channels_last).eval()

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Tensor:
        """`(N, 3, H, W)` at its size -> `(N, A)`: probabilities, or `UNTAUGHT`."""
        with autocast(self.device, self.precision):
            logits = self.model(images).logits
        probabilities = torch.sigmoid(logits.float())
        return F.pad(probabilities, (0, 1), value=UNTAUGHT)[:, self.places]


def shrink(images: Tensor, mask: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """A teacher's views as the student sees them.

    Args:
        images: `(N, 3, H, W)`.
        mask: `(N, H/16, W/16)`, or -1 for unknown, which whole masks are or are not.
        size: the student's `(height, width)`.
    """
    if images.shape[2:] == size:
        return images, mask
    smaller = F.interpolate(images, size, mode="bilinear", antialias=True)
    return smaller, F.adaptive_avg_pool2d(mask[:, None], (size[0] // 16, size[1] // 16))[:, 0]
