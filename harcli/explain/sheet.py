"""One person, one sheet: the crop, what stands out in it, masks, and where each attribute looks."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from harcli.explain import overlays
from harcli.explain.maps import Map
from harcli.explain.overlays import Picture
from harcli.explain.page import COLUMNS, FAINT, INK, Page
from harcli.explain.shown import Shown

_PIXELS = 720  # longer side of the crop that all is drawn on
_LEAST_REACH = 0.005  # of the self-masks' scale: below it a factor is as good as 1


def draw(shown: Shown) -> Image.Image:
    """The sheet; every sheet has the same width, and the same height for as many rows."""
    maps = shown.maps
    attention_rows = math.ceil(len(shown.chosen) / COLUMNS) if maps.attention is not None else 0
    height, width = shown.crop.shape[:2]
    rows = (maps.stages is not None or maps.mask is not None) + bool(maps.self_masks) + attention_rows
    page = Page(rows, width / height, shown.title, shown.subtitle)
    scale = _PIXELS / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    crop = np.asarray(Image.fromarray(shown.crop).resize(size, Image.Resampling.BICUBIC), np.float32) / np.float32(255)
    bars = [(shown.names[i], float(maps.probabilities[i]), i in shown.tagged) for i in shown.chosen[:COLUMNS]]
    page.person(crop, bars, "what the network is given, and what it says")
    if maps.stages is not None:
        _stages(page, maps.stages, crop)
    if maps.mask is not None:
        _mask(page, 0 if maps.stages is None else len(maps.stages), maps.mask, shown.unsupervised, crop)
    if maps.self_masks:
        _self_masks(page, rows - attention_rows - 1, maps.self_masks, crop)
    if maps.attention is not None:
        _attention(page, rows - attention_rows, shown, crop)
    return page.image


def _stages(page: Page, stages: tuple[Map, Map], crop: Picture) -> None:
    for column, (name, values) in enumerate(zip(("stage 4 of 5", "stage 5 of 5"), stages, strict=True)):
        page.panel(0, column, overlays.brighter_half(crop, values), name)
    page.heading(0, 0, "Where features are strong", "in colour: the half with the larger sums")


def _mask(page: Page, first: int, mask: Map, unsupervised: Map | None, crop: Picture) -> None:
    size = crop.shape[:2]
    shown = [("mask", overlays.grey(mask, *size)), ("what passes on", overlays.spotlight(crop, mask))]
    if unsupervised is not None:
        supervised = ("with supervision", shown[0][1])
        shown[:1] = [("without supervision", overlays.grey(unsupervised, *size)), supervised]
    for column, (name, picture) in enumerate(shown, start=first):
        page.panel(0, column, picture, name)
    text = "white: the person, by the network; the attention below sees only what passes"
    page.heading(0, first, "Person mask", text)


def _self_masks(page: Page, row: int, masks: tuple[Map, ...], crop: Picture) -> None:
    low, high = min(float(m.min()) for m in masks), max(float(m.max()) for m in masks)
    reach = max(high - 1, 1 - low, _LEAST_REACH)
    for column, values in enumerate(masks):
        page.panel(row, column, overlays.around_one(crop, values, reach), f"stage {column + 2} of 5")
    page.scale(row, len(masks), (f"{1 - reach:.3f}", "1.000", f"{1 + reach:.3f}"))
    text = f"red: features are made stronger, blue: weaker; the mean factor is {low:.3f} to {high:.3f}"
    page.heading(row, 0, "Self-masks", text)


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
