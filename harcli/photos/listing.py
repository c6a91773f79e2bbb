"""Lists of paths, as other programs write them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def paths_from(stream: BinaryIO) -> list[Path]:
    """The paths of a list, in its order: one a line, or separated by NUL, as `find -print0` writes them.

    A single NUL tells the second form: no name can hold one. Lines may end in CR LF, and blank ones are left out.
    Names need not be UTF-8.
    """
    listed = stream.read()
    if b"\0" in listed:
        names = [name for name in listed.split(b"\0") if name]
    else:
        lines = listed.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        names = [line.removesuffix(b"\r") for line in lines if line.strip()]
    return [Path(os.fsdecode(name)) for name in names]
