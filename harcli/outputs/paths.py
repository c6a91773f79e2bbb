"""How results name their photos."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from harcli.near import one_of
from harcli.remote.urls import is_url
from harcli.results import Record, RunInfo

PATH_STYLES = ("named", "absolute", "relative")
"""As the user named them; absolute; relative to the folder of the result file, so that both can be moved together."""


def path_styler(style: str, info: RunInfo, target: Path) -> tuple[RunInfo, Callable[[Record], Record]]:
    """What changes results from paths as named to paths of one of `PATH_STYLES`.

    A photo that no relative path leads to, on another drive of Windows, keeps an absolute one.

    Args:
        info: of the results; its folder is where relative paths of records start.
        target: the result file; `-` counts as a file in the current folder.

    Returns:
        `info` for the result file, and the function that gives each record its path.

    Raises:
        HarcliError: there is no such style.
    """
    one_of("path style", style, PATH_STYLES)
    if style == "absolute":
        return info, lambda record: replace(record, path=_absolute(info.folder, record.path))
    if style == "relative":
        folder = os.path.dirname(os.path.realpath(target))  # noqa: PTH120
        moved = replace(info, folder=".")
        return moved, lambda record: replace(record, path=_relative(_absolute(info.folder, record.path), folder))
    return info, lambda record: record


def _absolute(folder: str, path: str) -> str:
    if is_url(path):
        return path
    joined = os.path.join(folder, path)  # noqa: PTH118
    if ".." not in Path(joined).parts:
        return os.path.normpath(joined)
    # Where `..` leads to depends on symbolic links before it.
    parent, name = os.path.split(joined)
    return os.path.join(_real(parent), name)  # noqa: PTH118


def _relative(path: str, folder: str) -> str:
    """From `folder`, which has no symbolic links in it, to an absolute path; a URL stays."""
    if is_url(path):
        return path
    if not Path(path).is_relative_to(folder):
        # The way leads upwards, and `..` behind a link is not the folder where the link is.
        parent, name = os.path.split(path)
        path = os.path.join(_real(parent), name)  # noqa: PTH118
    try:
        return os.path.relpath(path, folder)
    except ValueError:
        return path


@lru_cache(4096)
def _real(folder: str) -> str:
    try:
        return os.path.realpath(folder)
    except ValueError:  # a name that no file can have, with a NUL in it
        return folder
