"""No detector: each image is one person's crop already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harcli.people.detection import Detection

if TYPE_CHECKING:
    import numpy as np


class WholeImage:
    """A `PersonDetector` that takes each image as one person, for owners of ready crops (`--no-detect`)."""

    name = "whole-image"
    provider = "cpu"

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        """One detection an image: its full extent, with a score of 1."""
        return [[Detection((0.0, 0.0, float(image.shape[1]), float(image.shape[0])), 1.0)] for image in images]
