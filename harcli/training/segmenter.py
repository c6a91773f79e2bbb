"""The mask of the person that a crop is about, by an Ultralytics segmentation model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.datasets.sample import Box
from harcli.errors import HarcliError
from harcli.people.ultralytics_guard import import_ultralytics
from harcli.people.yolo_metadata import PERSON_NAMES
from harcli.training.target_person import Choice, choose

STRIDE = 32
BATCH = 16

SEEN = 0.05  # instances of a lower score are no candidates; low, as a sharp neighbour must not win for want of others
SURE = 0.25  # a target of a lower score is looked at again
KEPT = 0.1  # a target of a lower score counts as not found: most of these masks are wrong
MAX_AREA = 0.85  # a mask that fills more of its crop is a blob, not a person

PASSES = ((1.0, 0.0), (0.5, 0.1))
"""The network input's long side, as a share of the one asked for, and the border around the crop, as a share of that.

Crops in which nobody is seen surely are looked at again small and with a border: people who fill a blurred crop from
edge to edge look less like those that the model was trained on. Of 34 such among 800 of PETA's, the second pass finds
26. The better score of both is taken."""


class Crop(NamedTuple):
    """A person's surroundings, and the person's box in their pixels."""

    pixels: Image.Image
    box: Box


class Found(NamedTuple):
    """mask `(h, w)` bool, all of the crop at the network's resolution; and why this instance."""

    mask: NDArray[np.bool_]
    choice: Choice


class Canvas(NamedTuple):
    """A crop as the network gets it.

    Attributes:
        pixels: uint8 `(H, W, 3)` RGB; H and W are multiples of `STRIDE`.
        place: `(x1, y1, x2, y2)`, where the crop lies; around it its edge pixels are repeated.
        target: `(4,)`, the person's box.
    """

    pixels: NDArray[np.uint8]
    place: tuple[int, int, int, int]
    target: NDArray[np.float32]


def lay_out(crop: Crop, long_side: int, border: float = 0.0) -> Canvas:
    """Resize a crop so that its longer side with the border on both ends is `long_side`, and pad it to the stride."""
    edge = round(border * long_side)
    scale = (long_side - 2 * edge) / max(crop.pixels.size)
    width, height = (max(1, round(v * scale)) for v in crop.pixels.size)
    right, bottom = (-(v + 2 * edge) % STRIDE + edge for v in (width, height))
    small = np.asarray(crop.pixels.resize((width, height), Image.Resampling.BILINEAR))
    pixels = np.pad(small, ((edge, bottom), (edge, right), (0, 0)), mode="edge")
    ratios = np.array([width / crop.pixels.width, height / crop.pixels.height] * 2, dtype=np.float32)
    target = np.array(crop.box, dtype=np.float32) * ratios + edge
    return Canvas(pixels, (edge, edge, edge + width, edge + height), target)


class Segmenter:
    """Any Ultralytics model with masks and a person class; on the GPU where torch sees one.

    A `.pt` file is a pickle: opening one runs code that it names, so open only files that you trust.
    """

    def __init__(self, path: Path, long_side: int = 320) -> None:
        """Load the model and try it.

        Args:
            path: a `.pt`, or an `.onnx` that Ultralytics has exported with dynamic axes.
            long_side: the crop's longer side at the network's input, in pixels.

        Raises:
            HarcliError: no such file, not an Ultralytics model, not for segmentation, no person class, or it does not
                run.
        """
        if not path.is_file():  # Ultralytics would try to download it
            raise HarcliError(f"{path}: no such file; --weights names an Ultralytics segmentation model")
        ultralytics = import_ultralytics()
        import torch

        self.path, self.long_side = path, long_side
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._model = ultralytics.YOLO(str(path))
            names: dict[int, str] = self._model.names
        except Exception as error:  # whatever a stranger's pickle raises
            raise HarcliError(f"{path} cannot be opened as an Ultralytics model: {_line(error)}") from error
        if self._model.task != "segment":
            raise HarcliError(f"{path} is a model for {self._model.task!r}; masks need one for segmentation (…-seg.pt)")
        self._person = [index for index, name in names.items() if name.lower() in PERSON_NAMES]
        if not self._person:
            raise HarcliError(f"{path} knows no people: none of its {len(names)} classes is person")
        blank = Crop(Image.new("RGB", (long_side, long_side)), (0.0, 0.0, 1.0, 1.0))
        try:
            self.find([blank, blank._replace(pixels=blank.pixels.resize((long_side // 2, long_side)))])
        except Exception as error:  # a file for one input size only, for one
            raise HarcliError(
                f"{path} does not run at {long_side} px (an .onnx needs dynamic axes): {_line(error)}"
            ) from error

    def find(self, crops: Sequence[Crop]) -> list[Found | None]:
        """The mask of each crop's target person, None where nobody is found at its place."""
        found: list[Found | None] = [None] * len(crops)
        for share, border in PASSES:
            unsure = [i for i, f in enumerate(found) if _score(f) < SURE]
            canvases = [lay_out(crops[i], round(self.long_side * share), border) for i in unsure]
            for i, again in self._in_batches(canvases):
                found[unsure[i]] = max(found[unsure[i]], again, key=_score)
        return [f if _score(f) >= KEPT else None for f in found]

    def _in_batches(self, canvases: Sequence[Canvas]) -> Iterator[tuple[int, Found | None]]:
        """Canvases of one shape go through the network together; gives `(index, found)` in any order."""
        shapes: dict[tuple[int, ...], list[int]] = {}
        for i, canvas in enumerate(canvases):
            shapes.setdefault(canvas.pixels.shape, []).append(i)
        for (height, width, _), group in shapes.items():
            for start in range(0, len(group), BATCH):
                batch = group[start : start + BATCH]
                results = self._model.predict(
                    [np.ascontiguousarray(canvases[i].pixels[:, :, ::-1]) for i in batch],  # BGR, as it takes arrays
                    **{"imgsz": (height, width), "conf": SEEN, "classes": self._person},
                    **{"device": self.device, "batch": len(batch), "verbose": False},
                )
                yield from ((i, _target(canvases[i], r)) for i, r in zip(batch, results, strict=True))


def _target(canvas: Canvas, result: Any) -> Found | None:
    """The mask of the target in Ultralytics' result for a canvas, cut to the crop's place."""
    if result.masks is None:
        return None
    choice = choose(result.boxes.xyxy.cpu().numpy(), result.boxes.conf.cpu().numpy(), canvas.target)
    if choice is None:
        return None
    x1, y1, x2, y2 = canvas.place
    mask = result.masks.data[choice.instance].cpu().numpy()[y1:y2, x1:x2] > 0.5
    return Found(mask, choice) if 0 < mask.mean() <= MAX_AREA else None


def _score(found: Found | None) -> float:
    return found.choice.score if found else 0.0


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
