"""A picture in the terminal: by its graphics protocol if it has one, else in coloured half blocks."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from harcli.cli.streams import unfiltered
from harcli.errors import HarcliError
from harcli.extras import install

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image
    from rich.console import Console

_FINE_SIZE = (1600, 1600)  # no terminal shows more
_LINES_BELOW = 3


class Terminal:
    """Standard output, a terminal that can show pictures.

    Attributes:
        console: prints to it.
        coarse: each of its pixels is half a character.
        size: width and height of the pictures that it can show, in pixels.
    """

    def __init__(self) -> None:
        """Ask the terminal what it can do.

        Raises:
            HarcliError: nobody would answer, it has no colours, or the extra is not installed.
        """
        from rich.console import Console

        self.console: Console = Console(file=unfiltered(sys.stdout), highlight=False, markup=False)
        _ask_the_terminal_itself()
        logging.getLogger("textual_image").setLevel(logging.ERROR)  # it warns of guesses, which serve well enough
        try:
            from textual_image import renderable
        except ModuleNotFoundError as error:
            raise HarcliError(
                f"pictures in the terminal need an extra: {install('show')}; or use --out FILE"
            ) from error
        self._image: Callable[..., object] = renderable.Image
        self.coarse = renderable.Image is renderable.HalfcellImage
        self.size = (self.console.width, 2 * self._height) if self.coarse else _FINE_SIZE
        if self.coarse and (self.console.color_system is None or self.console.no_color):
            raise HarcliError("this terminal cannot show pictures; use --out FILE")

    def show(self, picture: Image) -> None:
        """Print a picture, as large as it fits."""
        self.console.print(self._image(picture, width="auto", height="auto"), height=self._height)

    @property
    def _height(self) -> int:
        return max(self.console.height - _LINES_BELOW, 4)


def _ask_the_terminal_itself() -> None:
    """Let standard input be the terminal, which answers there; in `find ... | xargs harcli show` it is something else.

    Raises:
        HarcliError: this process has no terminal.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        return
    try:
        terminal = os.open("CONIN$" if os.name == "nt" else "/dev/tty", os.O_RDWR)
    except OSError as error:
        raise HarcliError("there is no terminal to show the picture in; use --out FILE") from error
    os.dup2(terminal, 0)
    os.close(terminal)
