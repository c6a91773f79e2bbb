"""A sheet of people with their pseudo masks, to judge them by eye: evenly spaced ones, and the doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from harcli.datasets.sample import Sample
from harcli.outputs.whole_file import whole_binary
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import decode_guarded
from harcli.training.mask_log import Entry
from harcli.training.pseudo_masks import context_crop

Row = tuple[Path, Sample, Entry]

COLUMNS = 12
TILE = (112, 208)  # width, height of a person, without the line below
LINE = 14
TITLE = 28
TINT = np.array((0, 200, 255), dtype=np.float32)
OUTLINE = (255, 240, 0)


def sections(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """What the sheet shows: a title and its people."""
    with_mask = [row for row in rows if row[2].score is not None]
    by_score = sorted(with_mask, key=lambda row: row[2].score or 0.0)
    by_overlap = sorted(with_mask, key=lambda row: row[2].overlap)
    by_area = sorted(with_mask, key=lambda row: row[2].area)
    nobody = [row for row in rows if row[2].score is None]
    parts = [
        ("evenly spaced", _evenly(with_mask, 4 * COLUMNS)),
        ("lowest scores", by_score[:COLUMNS]),
        ("least overlap with the person's box: is it the person meant?", by_overlap[:COLUMNS]),
        ("smallest share of the crop", by_area[:COLUMNS]),
        ("largest share of the crop", by_area[-COLUMNS:]),
        (f"nobody found: {len(nobody)} of {len(rows)}", _evenly(nobody, COLUMNS)),
    ]
    return [part for part in parts if part[1]]


def draw_sheet(rows: Sequence[Row], path: Path) -> None:
    """Draw the sheet, a PNG.

    Args:
        rows: mask file, sample and line of `masks.csv` of each person; at least one.

    Raises:
        HarcliError: it cannot be written.
    """
    parts = sections(rows)
    cell = (TILE[0] + 4, TILE[1] + LINE)
    heights = [TITLE + -(-len(people) // COLUMNS) * cell[1] for _, people in parts]
    sheet = Image.new("RGB", (COLUMNS * cell[0] + 4, sum(heights) + 4), (24, 24, 24))
    draw, top = ImageDraw.Draw(sheet), 0
    for (title, people), height in zip(parts, heights, strict=True):
        draw.text((6, top + 6), title, fill=(255, 255, 255), font=ImageFont.load_default(14))
        for i, row in enumerate(people):
            x, y = 4 + i % COLUMNS * cell[0], top + TITLE + i // COLUMNS * cell[1]
            tile = _tile(row)
            sheet.paste(tile, (x + (TILE[0] - tile.width) // 2, y + (TILE[1] - tile.height) // 2))
            draw.text((x, y + TILE[1]), _caption(row), fill=(190, 190, 190), font=ImageFont.load_default(9))
        top += height
    with whole_binary(path) as temporary:
        sheet.save(temporary, format="PNG")


def overlay(pixels: Image.Image, mask: Image.Image) -> Image.Image:
    """A picture with the masked part tinted and outlined; both of one size, the mask 8-bit grey."""
    binary = mask.point(lambda v: 255 if v > 127 else 0)
    inside = np.asarray(binary) > 0
    edge = inside & (np.asarray(binary.filter(ImageFilter.MinFilter(3))) == 0)
    drawn = np.asarray(pixels, dtype=np.float32).copy()
    drawn[inside] = 0.65 * drawn[inside] + 0.35 * TINT
    drawn[edge] = OUTLINE
    return Image.fromarray(drawn.astype(np.uint8))


def _tile(row: Row) -> Image.Image:
    file, sample, entry = row
    try:
        pixels = context_crop(sample).pixels
    except PhotoError:
        return Image.new("RGB", TILE, (90, 0, 0))
    scale = min(TILE[0] / pixels.width, TILE[1] / pixels.height)
    size = (max(1, round(pixels.width * scale)), max(1, round(pixels.height * scale)))
    pixels = pixels.resize(size, Image.Resampling.BICUBIC)
    if entry.score is None:
        return pixels
    mask = Image.fromarray(decode_guarded(file)[0]).convert("L")
    return overlay(pixels, mask.resize(size, Image.Resampling.BILINEAR))


def _caption(row: Row) -> str:
    _, sample, entry = row
    name = sample.image.stem.encode("ascii", "replace").decode()[-12:]
    return name if entry.score is None else f"{name}  {entry.score:.2f} {entry.overlap:.2f}"


def _evenly(rows: Sequence[Row], count: int) -> list[Row]:
    """At most `count` of the rows, evenly spaced."""
    count = min(count, len(rows))
    return [rows[i * len(rows) // count] for i in range(count)]
