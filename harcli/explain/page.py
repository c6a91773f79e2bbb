"""A page with a column for the person on the left and rows of equal panels on the right; all sizes in inches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harcli.explain.overlays import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 6
INK, FAINT = "#1b1b1f", "#6b6b76"
DPI = 120
_EDGE, _HEADER, _ABOVE, _BELOW = 0.4, 0.9, 0.5, 0.42  # above and below a row of panels
_PANELS, _CELL, _GAP = 3.8, 1.3, 0.14
_HIGHEST, _LOWEST = 2.45, 0.8  # panels; a person's crop is mostly narrow and high, and all such pages are alike
_WIDTH = _PANELS + COLUMNS * (_CELL + _GAP) - _GAP + _EDGE
_LINE = 0.23  # between bars


class Page:
    """`rows` bands below a header; what is drawn stays inside its cell, whatever the shape of the person."""

    def __init__(self, rows: int, ratio: float, title: str, subtitle: str) -> None:
        """
        Args:
            ratio: width / height of the pictures.
        """
        from matplotlib.figure import Figure

        self.cell = min(max(_CELL / ratio, _LOWEST), _HIGHEST)
        self.height = max(_HEADER + rows * self._band + 0.1, 5.5)
        self.figure: Figure = Figure(figsize=(_WIDTH, self.height), dpi=DPI, facecolor="white")
        self._text(_EDGE, 0.42, title, size=15, weight="bold")
        self._text(_EDGE, 0.66, subtitle, size=9, color=FAINT)

    def heading(self, row: int, column: int, name: str, explanation: str) -> None:
        """The name of a group of panels above them, one line that explains it below."""
        x, y = self._corner(row, column)
        self._text(x, y - 0.28, name, size=11, weight="bold")
        self._text(x, y + self.cell + 0.19, explanation, size=8.5, color=FAINT)

    def panel(self, row: int, column: int, picture: Picture, title: str, color: str = INK) -> None:
        """A picture at the left of its cell's row, in its own ratio, with a title."""
        x, y = self._corner(row, column)
        self._text(x + _CELL / 2, y - 0.07, title, size=8.5 * min(1.0, 22 / len(title)), color=color, ha="center")
        self._image(x, y, _CELL, self.cell, picture)

    def scale(self, row: int, column: int, colours: str, ticks: dict[float, str], low: float, high: float) -> None:
        """An upright colour scale at the left edge of a cell."""
        x, y = self._corner(row, column)
        axes = self._axes(x + 0.1, y + 0.08 * self.cell, 0.13, 0.84 * self.cell)
        ramp = np.linspace(low, high, 256)[:, None]
        axes.imshow(ramp, cmap=colours, origin="lower", extent=(0, 1, low, high), aspect="auto")
        axes.set_xticks([])
        axes.yaxis.tick_right()
        axes.set_yticks(list(ticks), list(ticks.values()))
        axes.tick_params(length=2, labelsize=8, colors=FAINT)
        for side in axes.spines.values():
            side.set_visible(False)

    def person(self, picture: Picture, bars: list[tuple[str, float, bool]], caption: str) -> None:
        """The left column: the crop, and below it a bar for each (name, probability, tagged)."""
        width = _PANELS - _EDGE - 0.5
        room = self.height - _HEADER - _BELOW - _LINE * (len(bars) + 1)
        height = min(width * picture.shape[0] / picture.shape[1], room)
        self._image(_EDGE, _HEADER, width, height, picture)
        top = _HEADER + height + 0.2
        self._text(_EDGE, top, caption, size=8.5, color=FAINT)
        for i, (name, probability, tagged) in enumerate(bars):
            y = top + 0.28 + _LINE * i
            color = INK if tagged else FAINT
            self._text(_EDGE, y, name, size=9 * min(1.0, 18 / len(name)), color=color)
            self._text(_EDGE + width, y, f"{probability:.2f}", size=9, color=color, ha="right")
            bar = self._axes(_EDGE + 1.25, y - 0.11, width - 1.65, 0.11)
            bar.barh([0], [1.0], color="#ececf0", height=1)
            bar.barh([0], [probability], color="#2b6cb0" if tagged else "#b9bcc6", height=1)
            bar.set(xlim=(0, 1), ylim=(-0.5, 0.5))
            bar.axis("off")

    @property
    def _band(self) -> float:
        return _ABOVE + self.cell + _BELOW

    def _corner(self, row: int, column: int) -> tuple[float, float]:
        return _PANELS + column * (_CELL + _GAP), _HEADER + row * self._band + _ABOVE - 0.12

    def _image(self, x: float, y: float, width: float, height: float, picture: Picture) -> None:
        """A picture in the middle of a rectangle, as large as fits."""
        h, w = picture.shape[:2]
        scale = min(width / w, height / h)
        axes = self._axes(x + (width - w * scale) / 2, y + (height - h * scale) / 2, w * scale, h * scale)
        axes.imshow(picture.clip(0, 1), interpolation="antialiased", aspect="auto")
        axes.axis("off")

    def _axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes at a rectangle whose y runs down from the page's top."""
        bottom = (self.height - y - height) / self.height
        return self.figure.add_axes((x / _WIDTH, bottom, width / _WIDTH, height / self.height))

    def _text(
        self, x: float, y: float, text: str, color: str = INK, size: float = 9, weight: str = "normal", ha: str = "left"
    ) -> None:
        # A dollar sign in a file's name starts no formula.
        at = (x / _WIDTH, 1 - y / self.height)
        self.figure.text(*at, text, color=color, fontsize=size, fontweight=weight, ha=ha, parse_math=False)
