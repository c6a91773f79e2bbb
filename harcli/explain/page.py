"""A page with a column for the person on the left and rows of equal panels on the right; all sizes in inches."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from harcli.explain.overlays import Picture
from harcli.explain.palette import colours

COLUMNS = 6
INK, FAINT = "#1b1b1f", "#6b6b76"
DPI = 120
_EDGE, _HEADER, _ABOVE, _BELOW = 0.4, 0.9, 0.5, 0.42  # above and below a row of panels
_PANELS, _CELL, _GAP = 3.8, 1.3, 0.14
_HIGHEST, _LOWEST = 2.45, 0.8  # panels; a person's crop is mostly narrow and high, and all such pages are alike
_WIDTH = _PANELS + COLUMNS * (_CELL + _GAP) - _GAP + _EDGE
_LINE = 0.23  # between bars
_BOLD = 0.022  # of the letters' size: the font that Pillow carries has one weight
_LEAST = 0.5  # of its size, to which a text that is too long shrinks before it is cut


class Page:
    """`rows` bands below a header; what is drawn stays inside its cell, whatever the shape of the person.

    Attributes:
        image: what is drawn so far.
    """

    def __init__(self, rows: int, ratio: float, title: str, subtitle: str) -> None:
        """
        Args:
            ratio: width / height of the pictures.
        """
        self.cell = min(max(_CELL / ratio, _LOWEST), _HIGHEST)
        self.height = max(_HEADER + rows * self._band + 0.1, 5.5)
        self.image = Image.new("RGB", (round(_WIDTH * DPI), round(self.height * DPI)), "white")
        self._pen = ImageDraw.Draw(self.image)
        room = _WIDTH - 2 * _EDGE
        self._text(_EDGE, 0.42, title, size=15, bold=True, room=room)
        self._text(_EDGE, 0.66, subtitle, color=FAINT, room=room)

    def heading(self, row: int, column: int, name: str, explanation: str) -> None:
        """The name of a group of panels above them, one line that explains it below."""
        x, y = self._corner(row, column)
        self._text(x, y - 0.28, name, size=11, bold=True)
        self._text(x, y + self.cell + 0.19, explanation, size=8.5, color=FAINT)

    def panel(self, row: int, column: int, picture: Picture, title: str, color: str = INK) -> None:
        """A picture in the middle of its cell, in its own ratio, with a title."""
        x, y = self._corner(row, column)
        self._text(x + _CELL / 2, y - 0.07, title, size=8.5, color=color, align="m", room=_CELL)
        self._picture(x, y, _CELL, self.cell, picture)

    def scale(self, row: int, column: int, ticks: tuple[str, str, str]) -> None:
        """The diverging scale, upright, at the left edge of a cell, with what stands at its foot, middle and top."""
        x, y = self._corner(row, column)
        left, top, width, height = x + 0.1, y + 0.08 * self.cell, 0.13, 0.84 * self.cell
        ramp = colours("diverging", np.linspace(1, 0, round(height * DPI))[:, None])
        self._picture(left, top, width, height, np.repeat(ramp, round(width * DPI), axis=1))
        for i, tick in enumerate(ticks):
            middle = top + height * (1 - i / 2)
            self._pen.line(self._pixels(left + width, middle, left + width + 0.03, middle), FAINT)
            self._text(left + width + 0.06, middle + 0.04, tick, size=8, color=FAINT)

    def person(self, picture: Picture, bars: list[tuple[str, float, bool]], caption: str) -> None:
        """The left column: the crop, and below it a bar for each (name, probability, tagged)."""
        width = _PANELS - _EDGE - 0.5
        room = self.height - _HEADER - _BELOW - _LINE * (len(bars) + 1)
        height = min(width * picture.shape[0] / picture.shape[1], room)
        self._picture(_EDGE, _HEADER, width, height, picture)
        top = _HEADER + height + 0.2
        self._text(_EDGE, top, caption, size=8.5, color=FAINT)
        for i, (name, probability, tagged) in enumerate(bars):
            y = top + 0.28 + _LINE * i
            color = INK if tagged else FAINT
            self._text(_EDGE, y, name, color=color, room=1.15)
            self._text(_EDGE + width, y, f"{probability:.2f}", color=color, align="r")
            left, whole = _EDGE + 1.25, width - 1.65
            self._pen.rectangle(self._pixels(left, y - 0.11, left + whole, y), "#ececf0")
            if probability > 0:
                fill = "#2b6cb0" if tagged else "#b9bcc6"
                self._pen.rectangle(self._pixels(left, y - 0.11, left + whole * probability, y), fill)

    @property
    def _band(self) -> float:
        return _ABOVE + self.cell + _BELOW

    def _corner(self, row: int, column: int) -> tuple[float, float]:
        return _PANELS + column * (_CELL + _GAP), _HEADER + row * self._band + _ABOVE - 0.12

    def _picture(self, x: float, y: float, width: float, height: float, picture: Picture) -> None:
        """A picture in the middle of a rectangle, as large as fits."""
        h, w = picture.shape[:2]
        scale = min(width / w, height / h)
        left, top = x + (width - w * scale) / 2, y + (height - h * scale) / 2
        x1, y1, x2, y2 = self._pixels(left, top, left + w * scale, top + h * scale)
        shown = Image.fromarray((picture.clip(0, 1) * 255).round().astype(np.uint8))
        self.image.paste(shown.resize((max(x2 - x1, 1), max(y2 - y1, 1)), Image.Resampling.LANCZOS), (x1, y1))

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        color: str = INK,
        size: float = 9,
        bold: bool = False,
        align: str = "l",
        room: float = _WIDTH,
    ) -> None:
        """One line on the base line `y`; `align` l, m or r of `x`; smaller where it is wider than `room`, then cut."""
        text, pixels = " ".join(text.split()), size * DPI / 72
        wide = ImageFont.load_default(pixels).getlength(text) / DPI
        font = ImageFont.load_default(pixels * max(min(1.0, room / max(wide, 1e-6)), _LEAST))
        while len(text) > 1 and font.getlength(text) > room * DPI:
            text = text[: -max(2, len(text) // 50)] + "\N{HORIZONTAL ELLIPSIS}"
        stroke = _BOLD * pixels if bold else 0.0
        self._pen.text((x * DPI, y * DPI), text, color, font, anchor=f"{align}s", stroke_width=stroke)

    @staticmethod
    def _pixels(x1: float, y1: float, x2: float, y2: float) -> tuple[int, int, int, int]:
        return round(x1 * DPI), round(y1 * DPI), round(x2 * DPI), round(y2 * DPI)
