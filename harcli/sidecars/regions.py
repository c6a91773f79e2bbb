"""Boxes of people in a sidecar, as regions of the Metadata Working Group (MWG).

A region's `x` and `y` are the middle of its box, everything is a share of the picture's width and height, and the
picture is the one that is stored in the file, before its EXIF orientation turns it (MWG Guidelines 2.0, 5.4 and 5.9:
"region metadata is applied to the stored image"). digiKam and Immich turn regions with the picture; so does osxphotos.

A region has no Type: MWG knows Face, Pet, Focus and BarCode, and a person from head to foot is none of them. It has no
Name either: Immich and digiKam take every region with a name for the face of somebody of that name, whatever its Type.
The tags stand in its Description. `harcli:Person` among its Extensions tells harcli's regions from others'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harcli.attributes.showing import telling_first
from harcli.results import Record
from harcli.sidecars.packet import Packet

REGIONS = "Xmp.mwg-rs.Regions"
_SIZE = f"{REGIONS}/mwg-rs:AppliedToDimensions"
_LIST = f"{REGIONS}/mwg-rs:RegionList"
_ITEM = re.compile(re.escape(_LIST) + r"\[(\d+)\](.*)", re.DOTALL)
_AREA = "/mwg-rs:Area"
_EXTENSIONS = "/mwg-rs:Extensions"
_MARK = f"{_EXTENSIONS}/harcli:Person"
_STRUCTURES = ("", _AREA, _EXTENSIONS)

_STORED: dict[int, Callable[[float, float], tuple[float, float]]] = {
    1: lambda x, y: (x, y),
    2: lambda x, y: (1 - x, y),
    3: lambda x, y: (1 - x, 1 - y),
    4: lambda x, y: (x, 1 - y),
    5: lambda x, y: (y, x),
    6: lambda x, y: (y, 1 - x),
    7: lambda x, y: (1 - y, 1 - x),
    8: lambda x, y: (1 - y, x),
}
"""By EXIF orientation: where a point of the displayed picture is in the stored one, both as shares."""


@dataclass(frozen=True, slots=True)
class Region:
    """A person in the stored picture.

    Attributes:
        person: number of the record.
        area: x and y of the middle, width, height; 0..1.
        text: the tags.
    """

    person: int
    area: tuple[float, float, float, float]
    text: str


@dataclass(frozen=True, slots=True)
class Regions:
    """The people in a picture of `width` x `height` stored pixels."""

    width: int
    height: int
    people: tuple[Region, ...]


def regions_of(records: Sequence[Record], orientation: int) -> Regions | None:
    """The boxes of a photo's records, None if there are none.

    Args:
        orientation: of the photo by its EXIF data, 1 to 8; other values mean 1, as for the decoder.
    """
    people = tuple(_region(record, orientation) for record in records if record.box is not None)
    if not people:
        return None
    width, height = records[0].width or 1, records[0].height or 1
    return Regions(*((height, width) if 5 <= orientation <= 8 else (width, height)), people)


def fits(packet: Packet, wanted: Regions, embedded: bool) -> bool:
    """Whether `wanted` can stand in a sidecar without harm to regions that are there.

    Args:
        embedded: the photo file has regions. Programs do not look at these any more when a sidecar has some.
    """
    if all(_MARK in fields for fields in _found(packet)):
        return not embedded
    # Others' regions may be for a smaller copy, but not for a picture that is turned or cut.
    try:
        width, height = (float(packet.text(f"{_SIZE}/stDim:{side}")) for side in "wh")
    except ValueError:
        return True  # no size is given
    return abs(width * wanted.height - height * wanted.width) <= 0.02 * height * wanted.width


def merge(packet: Packet, wanted: Regions | None) -> None:
    """Take harcli's former regions out and add `wanted` behind others'. Does nothing if that is how it is.

    They come last because digiKam reads up to the first region without a name.
    """
    found = _found(packet)
    others = [fields for fields in found if _MARK not in fields]
    new = [_fields(region) for region in wanted.people] if wanted is not None else []
    if [_texts(fields) for fields in found] == [*map(_texts, others), *new]:
        return
    packet.erase(packet.keys_under(f"{_LIST}["))
    if wanted is None and not others:
        packet.erase(packet.keys_under(REGIONS))
    if wanted is not None and not others:
        _begin(packet, wanted)
    for number, fields in enumerate(others, 1):
        for name, value in fields.items():
            packet.set_value(f"{_LIST}[{number}]{name}", value)
    for number, texts in enumerate(new, len(others) + 1):
        for structure in _STRUCTURES:
            packet.set_structure(f"{_LIST}[{number}]{structure}")
        for name, text in texts.items():
            packet.set_text(f"{_LIST}[{number}]{name}", text)


def _region(record: Record, orientation: int) -> Region:
    assert record.box is not None
    x1, y1, x2, y2 = record.box
    width, height = record.width or 1, record.height or 1
    stored = _STORED.get(orientation, _STORED[1])
    (left, right), (top, bottom) = map(
        sorted, zip(stored(x1 / width, y1 / height), stored(x2 / width, y2 / height), strict=True)
    )
    area = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    return Region(record.person, area, ", ".join(telling_first(record.tags)))


def _found(packet: Packet) -> list[dict[str, Any]]:
    """The regions that are there: the rest of each key, and its value."""
    regions: dict[int, dict[str, Any]] = {}
    for key in packet.keys_under(f"{_LIST}["):
        if match := _ITEM.fullmatch(key):
            regions.setdefault(int(match[1]), {})[match[2]] = packet.value(key)
    return [regions[number] for number in sorted(regions)]


def _begin(packet: Packet, wanted: Regions) -> None:
    """The frame around regions."""
    if not packet.keys_under(REGIONS):
        packet.set_structure(REGIONS)
    if _SIZE not in packet.keys_under(_SIZE):
        packet.set_structure(_SIZE)
    for side, value in (("w", str(wanted.width)), ("h", str(wanted.height)), ("unit", "pixel")):
        packet.set_text(f"{_SIZE}/stDim:{side}", value)
    if _LIST not in packet.keys_under(_LIST):
        packet.set_list(_LIST)


def _fields(region: Region) -> dict[str, str]:
    """What is written of a region: the rest of each key, and its text."""
    area = {f"{_AREA}/stArea:{side}": f"{value:.6f}" for side, value in zip("xywh", region.area, strict=True)}
    text = {"/mwg-rs:Description": region.text} if region.text else {}
    return {**area, f"{_AREA}/stArea:unit": "normalized", **text, _MARK: str(region.person)}


def _texts(fields: dict[str, Any]) -> dict[str, str]:
    """The fields that are texts."""
    return {name: str(value) for name, value in fields.items() if name not in _STRUCTURES}
