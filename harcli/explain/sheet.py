"""One person, one sheet: the crop, what stands out in it, masks, and where each attribute looks."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from harcli.explain import overlays
from harcli.explain.maps import Map, Maps
from harcli.explain.overlays import Picture
from harcli.explain.page import COLUMNS, FAINT, INK, Page
from harcli.explain.shown import Shown
from harcli.outputs.whole_file import whole_binary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PIXELS = 720  # longer side of the crop that all is drawn on
_LEAST_REACH = 0.005  # of the self-masks' scale: below it a factor is as good as 1


def draw(shown: Shown) -> Figure:
    """The sheet as a figure; every sheet has the same width, and the same height for as many rows."""
    maps = shown.maps
    attention_rows = math.ceil(len(shown.chosen) / COLUMNS) if maps.attention is not None else 0
    height, width = shown.crop.shape[:2]
    page = Page(1 + bool(maps.self_masks) + attention_rows, width / height, shown.title, shown.subtitle)
    scale = _PIXELS / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    crop = np.asarray(Image.fromarray(shown.crop).resize(size, Image.Resampling.BICUBIC), np.float32) / np.float32(255)
    bars = [(shown.names[i], float(maps.probabilities[i]), i in shown.tagged) for i in shown.chosen[:COLUMNS]]
    page.person(crop, bars, "what the network is given, and what it says")
    _stages(page, maps, crop)
    if maps.mask is not None:
        _mask(page, maps.mask, shown.unsupervised, crop)
    if maps.self_masks:
        _self_masks(page, maps.self_masks, crop)
    if maps.attention is not None:
        _attention(page, 1 + bool(maps.self_masks), shown, crop)
    return page.figure


def save(figure: Figure, path: Path) -> None:
    """Write a PNG, whole or not at all.

    Raises:
        HarcliError: it cannot be written.
    """
    with whole_binary(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a file name in a script that the font lacks: boxes will do
        figure.savefig(temporary, format="png")  # a bare Figure draws with Agg, on no screen


def _stages(page: Page, maps: Maps, crop: Picture) -> None:
    for column, (name, values) in enumerate(zip(("stage 4 of 5", "stage 5 of 5"), maps.stages, strict=True)):
        page.panel(0, column, overlays.brighter_half(crop, values), name)
    page.heading(0, 0, "Where features are strong", "in colour: the half with the larger sums")


def _mask(page: Page, mask: Map, unsupervised: Map | None, crop: Picture) -> None:
    size = crop.shape[:2]
    column = 2
    if unsupervised is not None:
        page.panel(0, column, overlays.grey(unsupervised, *size), "without supervision")
        column += 1
    page.panel(0, column, overlays.grey(mask, *size), "with supervision" if column > 2 else "mask")
    page.panel(0, column + 1, overlays.spotlight(crop, mask), "what passes on")
    page.heading(0, 2, "Person mask", "white: the person, by the network; the attention below sees only what passes")


def _self_masks(page: Page, masks: tuple[Map, ...], crop: Picture) -> None:
    low, high = min(float(m.min()) for m in masks), max(float(m.max()) for m in masks)
    reach = max(high - 1, 1 - low, _LEAST_REACH)
    for column, values in enumerate(masks):
        page.panel(1, column, overlays.around_one(crop, values, reach), f"stage {column + 2} of 5")
    ticks = {value: f"{value:.3f}" for value in (1 - reach, 1.0, 1 + reach)}
    page.scale(1, len(masks), overlays.DIVERGING, ticks, 1 - reach, 1 + reach)
    text = f"red: features are made stronger, blue: weaker; the mean factor is {low:.3f} to {high:.3f}"
    page.heading(1, 0, "Self-masks", text)


def _attention(page: Page, first: int, shown: Shown, crop: Picture) -> None:
    assert shown.maps.attention is not None
    for place, i in enumerate(shown.chosen):
        values = shown.maps.attention[i]
        title = f"{shown.names[i]}  {shown.maps.probabilities[i]:.2f}"
        color = INK if i in shown.tagged else FAINT
        picture = overlays.heat(crop, values, float(values.max()))
        page.panel(first + place // COLUMNS, place % COLUMNS, picture, title, color)
    text = "bright: where the network looks to decide on this attribute; names in grey: not tagged"
    page.heading(first, 0, "Attention for each attribute", text)
