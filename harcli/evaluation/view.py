"""What the network sees of a person when it is tested: the whole person, or five crops of a larger view.

The paper (Experiments, "Two different strategies are used in inference") resizes the whole patch to 256 x 256, or
averages five crops; it names neither the size of the crops nor what is averaged. Here the crops have the network's
input size, stand at the four corners and in the centre, and their logits are averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harcli.datasets.transforms import MARGIN

Size = tuple[int, int]
LARGER = 8 / 7  # 256 : 224, the paper's ratio of a whole view to a crop


@dataclass(frozen=True, slots=True)
class View:
    """Sizes are `(height, width)` in pixels.

    Attributes:
        whole: the size of a whole person, whose box is grown by `margin` of its width and height on each side.
        crop: the size of the five crops of `whole` that are averaged; None: `whole` itself is the input.
        margin: a fraction.
    """

    whole: Size
    crop: Size | None
    margin: float

    @property
    def meaning(self) -> str:
        """In words, for the output."""
        height, width = self.whole
        if self.crop is None:
            return f"full patch at {height}x{width}"
        return f"five crops of {self.crop[0]}x{self.crop[1]} from {height}x{width}, logits averaged"


def view_for(size: Size, full: Size, margin: float, five_crop: bool) -> View:
    """The view of a network trained at `size`, that sees a whole person at `full`.

    Five crops need room: where `full` is not larger than `size`, the whole person is seen at 8/7 of `size`.
    """
    if not five_crop:
        return View(full, None, margin)
    roomy = full[0] >= size[0] and full[1] >= size[1] and full != size
    whole = full if roomy else (round(size[0] * LARGER), round(size[1] * LARGER))
    return View(whole, size, margin)


def trained_view(train: Mapping[str, Any]) -> tuple[Size, Size, float]:
    """`size`, `full` and `margin` of a checkpoint's `about["train"]`; older ones lack the last two."""
    height, width = (int(v) for v in train["size"])
    full_height, full_width = (int(v) for v in train.get("full") or train["size"])
    return (height, width), (full_height, full_width), float(train.get("margin", MARGIN))


def corners(whole: Size, crop: Size) -> list[tuple[int, int]]:
    """`(top, left)` of the five crops: top left, top right, bottom left, bottom right, centre."""
    bottom, right = whole[0] - crop[0], whole[1] - crop[1]
    return [(0, 0), (0, right), (bottom, 0), (bottom, right), (round(bottom / 2), round(right / 2))]
