"""The page itself: one HTML file with its style, its program and its data."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import json
import os
import re
from importlib import resources
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import numpy as np

from harcli.attributes import ATTRIBUTES, GROUPS
from harcli.attributes.showing import COMMONPLACE, swatch
from harcli.datasets.verdicts import more_general
from harcli.remote.urls import is_cut, is_web
from harcli.report.content import PRECISION, Content, readable
from harcli.report.pictures import region
from harcli.results import RunInfo

SCRIPTS = ("data", "people", "swatches", "grid", "labels", "card", "panel", "details", "lists", "main")
"""The parts of the page's program, in the order in which they build on one another."""

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def write_page(stream: TextIO, title: str, data: dict[str, Any], pictures: dict[str, Any]) -> None:
    """Write the page.

    Args:
        data: see `page_data`.
        pictures: `{}`, `{"folder": address}` or `{"photos": [base64 JPEG or ""], "people": [the same]}`.
    """
    style, script = _part("page.css"), _program()
    parts = {
        "title": html.escape(readable(title)),
        "policy": _policy(style, script),
        **{"style": style, "script": script, "data": _embedded(data), "pictures": _embedded(pictures)},
    }
    # The template in pieces: what is put in is never looked through for places again.
    for i, piece in enumerate(_PLACE.split(_part("page.html"))):
        stream.write(parts[piece] if i % 2 else piece)


def page_data(
    content: Content, info: RunInfo, folder: Path, about: dict[str, str], problems: dict[int, str]
) -> dict[str, Any]:
    """What the page's program reads, see `page/data.js`.

    Args:
        folder: where the page will lie; links to photos below it start there, so that both can be moved together.
        about: texts on the report as a whole: `title`, `source`, `where`, `date`, `id` of the results.
        problems: why photos cannot be shown, by their position.
    """
    start = Path(os.path.realpath(folder))
    return {
        "about": {
            **{**about, "separator": os.sep, "version": info.version},
            **{"model": dict(info.model), "detector": dict(info.detector)},
        },
        "attributes": [
            {
                **{"name": a.name, "group": a.group, "threshold": a.threshold},
                "meaning": ATTRIBUTES[a.name].meaning if a.name in ATTRIBUTES else "",
                **{"swatch": swatch(a.name), "common": a.name in COMMONPLACE},
                **{"known": a.name in ATTRIBUTES, "general": sorted(more_general(a.name))},
            }
            for a in content.attributes
        ],
        "groups": {a.group: GROUPS[a.group] for a in content.attributes if a.group in GROUPS},
        "photos": {
            "names": [photo.name for photo in content.photos],
            "links": [_link(photo.file, start) for photo in content.photos],
            "sizes": [photo.size for photo in content.photos],
            "people": [len(photo.people) for photo in content.photos],
            "problems": problems,
            "seen": [photo.seen and (photo.seen.start, photo.seen.end, photo.seen.best) for photo in content.photos],
        },
        "people": _people(content),
        "empty": [(name, _link(file, start)) for name, file in content.empty],
        "unreadable": [(name, _link(file, start), why) for name, file, why in content.unreadable],
        "otherPeople": content.other_people,
    }


def _people(content: Content) -> dict[str, Any]:
    """Numbers of all people, a base64 text each: some hundred bytes per person rather than some thousand."""
    people = content.people
    regions = [region(person.box, photo.size) for photo in content.photos for person in photo.people]
    tags = np.array([np.frombuffer(person.tags, np.uint8) for person in people], np.uint8)
    return {
        "precision": PRECISION,
        "numbers": _packed([person.number for person in people], "<u4"),
        "scores": _packed([person.score for person in people], "<u2"),
        "boxes": _packed([person.box for person in people], "<f4"),
        "regions": _packed(regions, "<f4"),
        # All people's first attribute, then all people's second: a filter goes through one stretch of memory.
        "probabilities": _packed(np.array([person.probabilities for person in people]).T, "<u2"),
        "tags": _base64(np.packbits(tags.T).tobytes()),
        "small": _base64(np.packbits([person.small for person in people]).tobytes()) if people else "",
    }


def _packed(values: Any, kind: str) -> str:
    return _base64(np.asarray(values, kind).tobytes())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _link(file: Path | str, start: Path) -> str:
    """A file's address for a page in the folder `start`: relative if it lies below, else absolute. Of what is at a URL
    only the web's, since others are nothing to a browser, or run as a program; empty for those."""
    if isinstance(file, str):
        return quote(file, safe=":/?&=%~+,;@") if is_web(file) and not is_cut(file) else ""
    place = Path(_real_folder(file.parent), file.name)
    if place.is_relative_to(start):
        return quote(os.fsencode(place.relative_to(start).as_posix()))
    return place.as_uri()


@functools.lru_cache(maxsize=1000)
def _real_folder(folder: Path) -> str:
    return os.path.realpath(folder)


def _embedded(value: Any) -> str:
    """JSON for the inside of a `<script>`: ASCII, and nothing in it that HTML could take for a tag or a comment."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _policy(style: str, script: str) -> str:
    """What the browser lets the page do: its own style and program, pictures in it or beside it, and nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data: file: 'self'",  # `file:` too, as browsers differ in whether a page on disk is a 'self'
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"


def _program() -> str:
    parts = "\n".join(_part(f"{name}.js") for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _part(name: str) -> str:
    return resources.files(__package__).joinpath("page", name).read_text(encoding="utf-8")
