"""Everything below a URL, as far as it can be listed."""

from __future__ import annotations

from functools import partial
from typing import Any

from harcli.remote.failures import persistent, reason_of
from harcli.remote.urls import OBJECT_STORES, opened, protocol_of

Listed = dict[str, dict[str, Any]]
"""What fsspec says of each object, by its path there."""


def everything_below(url: str) -> tuple[Listed, dict[str, str]]:
    """List a folder and all that are in it. fsspec's own `find` passes over folders that fail, without a word.

    Returns:
        The objects; and why folders could not be listed, by their paths.

    Raises:
        Exception: the folder itself cannot be listed; each kind of server has errors of its own.
    """
    filesystem, root = opened(url)
    if protocol_of(url) in OBJECT_STORES:  # here folders are but parts of names, and one question is enough
        return persistent(partial(filesystem.find, root, detail=True)), {}
    found: Listed = {}
    failed: dict[str, str] = {}
    waiting, seen = [root], {root.rstrip("/")}
    while waiting:
        folder = waiting.pop()
        try:
            listed = persistent(partial(filesystem.ls, folder, detail=True))
        except Exception as error:
            if folder == root:
                raise
            failed[folder] = reason_of(error)
            continue
        for each in listed:
            path = str(each["name"])
            if each.get("type") != "directory":
                found[path] = each
            elif path.rstrip("/") not in seen and not each.get("islink"):  # a link may lead upwards
                seen.add(path.rstrip("/"))
                waiting.append(path)
    return found, failed
