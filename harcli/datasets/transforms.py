"""From a sample to an input image: decode, cut out, augment, resize, normalise.

Augmentation chooses a rectangle around the person and resizes it once, so nothing is resampled twice. The plain view
(`Augment` left out) is what `harcli tag` computes for the same box.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from harcli.datasets.sample import Box, Sample, label_map
from harcli.datasets.worse import worsen
from harcli.photos.crop import grow_box
from harcli.photos.guarded import decode_guarded

MEAN = (0.485, 0.456, 0.406)  # ImageNet's, which the pretrained backbones were trained with
STD = (0.229, 0.224, 0.225)
MARGIN = 0.05
CONTEXT = 0.25  # kept around a box, for jitter
CROPS = (256, 224, 192, 168, 128)  # sides of the paper's crops, of 256


@dataclass(frozen=True, slots=True)
class Cutout:
    """A person with some context, decoded once: pixels, the person's box in them, the mask where there is one."""

    pixels: Image.Image
    box: Box
    mask: Image.Image | None


@dataclass(frozen=True, slots=True)
class Augment:
    """How strongly training views vary.

    Attributes:
        crops: the paper's views (`corner_view`) and not jittered rectangles.
        shift: standard deviation of each side's shift, as a share of the box's size.
        upper: share of views that show the upper body only, as photos of seated or half-hidden people do.
        parts: share of views that show the head or the legs alone.
        colour: largest relative change of brightness, contrast and saturation.
        worse: how often views are made worse (`harcli.datasets.worse`), 0 to 1.
    """

    crops: bool = False
    shift: float = 0.05
    upper: float = 0.12
    parts: float = 0.0
    colour: float = 0.3
    worse: float = 0.0


class View(Enum):
    """Which part of a person a view shows: all, above the hips, the head with the shoulders, below the hips."""

    WHOLE = "whole"
    UPPER = "upper"
    HEAD = "head"
    LEGS = "legs"


def with_context(sample: Sample) -> tuple[Image.Image, Box, tuple[int, int, int, int]]:
    """The person with `CONTEXT` around: pixels, the person's box in them, and the rectangle of the photo they show.

    Raises:
        PhotoError: the image cannot be read.
    """
    rgb = decode_guarded(sample.image)[0]
    height, width = rgb.shape[:2]
    box = sample.box or (0.0, 0.0, float(width), float(height))
    x1, y1, x2, y2 = grow_box(box, (width, height), CONTEXT)
    pixels = Image.fromarray(np.ascontiguousarray(rgb[y1:y2, x1:x2]))
    return pixels, (box[0] - x1, box[1] - y1, box[2] - x1, box[3] - y1), (x1, y1, x2, y2)


def cut_out(sample: Sample, height: int | None = None) -> Cutout:
    """Decode a sample's image and keep the person with `CONTEXT` around.

    Args:
        height: larger cut-outs are shrunk to this height in pixels, to save memory; None: none is.
    """
    pixels, box, rectangle = with_context(sample)
    mask = None
    if sample.mask is not None and sample.mask.suffix.lower() == ".png" and not sample.whole_mask:
        shown = Image.fromarray(decode_guarded(sample.mask)[0][..., 0])  # of harcli masks: the rectangle of `pixels`
        mask = shown.resize(pixels.size, Image.Resampling.BILINEAR)
    elif sample.mask is not None:
        whole = Image.fromarray((label_map(sample.mask) > 0).astype(np.uint8) * 255)
        mask = whole.crop(rectangle)
    scale = 1.0 if height is None else min(1.0, height / pixels.height)
    if scale < 1:
        size = (max(1, round(pixels.width * scale)), max(1, round(pixels.height * scale)))
        pixels = pixels.resize(size, Image.Resampling.BILINEAR)
        mask = mask.resize(size, Image.Resampling.BILINEAR) if mask else None
        box = (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale)
    return Cutout(pixels, box, mask)


def plain_view(cutout: Cutout, size: tuple[int, int], margin: float = MARGIN) -> tuple[Image.Image, Box]:
    """The box grown by `margin`, at `size` `(height, width)`; also the rectangle that was taken."""
    x1, y1, x2, y2 = grow_box(cutout.box, cutout.pixels.size, margin)
    rectangle = (float(x1), float(y1), float(x2), float(y2))
    return _resized(cutout.pixels, rectangle, size), rectangle


def corner_view(
    cutout: Cutout, size: tuple[int, int], margin: float, colour: float, rng: np.random.Generator
) -> tuple[Image.Image, Box]:
    """The paper's view: a crop at one of the four corners or the centre, its width and height drawn from `CROPS`.

    The paper resizes to 256x256, crops, and resizes to 224x224 (Training Details; Zhu et al. 2017); here the same
    rectangle is resized once.
    """
    x1, y1, x2, y2 = grow_box(cutout.box, cutout.pixels.size, margin)
    w, h = (x2 - x1) * rng.choice(CROPS) / 256, (y2 - y1) * rng.choice(CROPS) / 256
    across, down = ((0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0.5))[rng.integers(5)]
    left, top = x1 + across * (x2 - x1 - w), y1 + down * (y2 - y1 - h)
    rectangle = (float(left), float(top), float(left + w), float(top + h))
    return _coloured(_resized(cutout.pixels, rectangle, size), colour, rng), rectangle


def random_view(
    cutout: Cutout,
    size: tuple[int, int],
    augment: Augment,
    rng: np.random.Generator,
    margin: float = MARGIN,
    standing: bool = True,
) -> tuple[Image.Image, Box, View]:
    """An augmented view at `size`, the rectangle that it shows (before a flip), and which part of the person that is.

    Args:
        standing: the box shows the person from head to feet, so that a part of its height is a part of the body.
    """
    x1, y1, x2, y2 = grow_box(cutout.box, cutout.pixels.size, margin)
    view = _part(augment, rng, standing)
    height = y2 - y1
    if view is View.LEGS:
        y1 += round(height * rng.uniform(0.5, 0.62))
    elif view is not View.WHOLE:
        y2 = y1 + max(8, round(height * (rng.uniform(0.16, 0.26) if view is View.HEAD else rng.uniform(0.3, 0.45))))
    w, h = x2 - x1, y2 - y1
    shifts = rng.normal(0, augment.shift, 4).clip(-2.5 * augment.shift, 2.5 * augment.shift) * (w, h, w, h)
    left = min(max(0.0, x1 + shifts[0]), x1 + w * 0.4)
    top = min(max(0.0, y1 + shifts[1]), y1 + h * 0.4)
    right = max(min(float(cutout.pixels.width), x2 + shifts[2]), x2 - w * 0.4)
    bottom = max(min(float(cutout.pixels.height), y2 + shifts[3]), y2 - h * 0.4)
    rectangle = (float(left), float(top), float(right), float(bottom))
    image = _coloured(_resized(cutout.pixels, rectangle, size), augment.colour, rng)
    return (worsen(image, augment.worse, rng) if augment.worse else image), rectangle, view


def _part(augment: Augment, rng: np.random.Generator, standing: bool) -> View:
    chance = rng.random()
    if chance < augment.upper:
        return View.UPPER
    if chance < augment.upper + augment.parts:
        if not standing:
            return View.WHOLE
        return View.HEAD if chance < augment.upper + augment.parts / 2 else View.LEGS
    return View.WHOLE


def mask_view(cutout: Cutout, rectangle: Box, grid: tuple[int, int]) -> NDArray[np.float32] | None:
    """The person mask in a rectangle at the mask branch's `grid` `(H/16, W/16)`, area-averaged, 0..1."""
    if cutout.mask is None:
        return None
    small = cutout.mask.resize((grid[1], grid[0]), Image.Resampling.BOX, box=rectangle)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def normalise(image: Image.Image) -> NDArray[np.float32]:
    """An RGB image -> float32 `(3, H, W)`, `(x / 255 - MEAN) / STD`."""
    x = np.asarray(image, dtype=np.float32) / np.float32(255)
    return np.ascontiguousarray(((x - np.array(MEAN, np.float32)) / np.array(STD, np.float32)).transpose(2, 0, 1))


def _resized(pixels: Image.Image, rectangle: Box, size: tuple[int, int]) -> Image.Image:
    return pixels.resize((size[1], size[0]), Image.Resampling.BILINEAR, box=rectangle)


def _coloured(image: Image.Image, most: float, rng: np.random.Generator) -> Image.Image:
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(1 + rng.uniform(-most, most))
    return image
