"""What a photo file itself says: its keywords, and how it is to be turned. The file is only read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL.Image import Image
from PIL.ImageFile import ImageFile
from PIL.IptcImagePlugin import getiptcinfo

from harcli.outputs.xmp_keywords import Keywords
from harcli.outputs.xmp_properties import Properties, properties, texts
from harcli.photos.decode import open_photo

_ORIENTATION = 0x0112
_IPTC_KEYWORDS = (2, 25)
_IPTC_CHARSET = (1, 90)
_UTF8 = b"\x1b%G"
_TREES = (
    ("{http://www.digikam.org/ns/1.0/}TagsList", "/"),
    ("{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject", "|"),
)
_WORDS = "{http://purl.org/dc/elements/1.1/}subject"
_REGIONS = "{http://www.metadataworkinggroup.com/schemas/regions/}Regions"


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a photo file says in its XMP and IPTC data.

    Attributes:
        keywords: those of its XMP data, or else of its IPTC data.
        regions: whether it has regions, faces for example.
    """

    keywords: Keywords = field(default_factory=Keywords)
    regions: bool = False


def embedded(photo: Path) -> Embedded:
    """What a photo file says; nothing if the file is gone or cannot be read."""
    found: Properties = {}
    words: tuple[str, ...] = ()
    with contextlib.suppress(Exception), _opened(photo) as image:  # metadata may be damaged in any way
        words = tuple(_iptc_keywords(image))
        found = properties(bytes(image.info.get("xmp", b"")).strip(b"\x00 \r\n"))
    return Embedded(_keywords(found, words), _REGIONS in found)


def orientation(photo: Path) -> int:
    """The EXIF orientation as the decoder sees it.

    Raises:
        OSError: the file cannot be read.
    """
    with _opened(photo) as image:
        # A reader of HEIC turns the picture itself and keeps here what the file says.
        if stated := image.info.get("original_orientation"):
            return int(stated)
        try:
            return int(image.getexif().get(_ORIENTATION, 1))
        except Exception:  # damaged EXIF data, as for the decoder
            return 1


def _opened(photo: Path) -> Image:
    if not photo.is_file():
        raise FileNotFoundError(f"{photo} is not a file")  # opening a named pipe would wait for ever
    return open_photo(photo)


def _keywords(found: Properties, iptc: tuple[str, ...]) -> Keywords:
    words = tuple(texts(found, _WORDS))
    for name, separator in _TREES:
        if branches := tuple(tuple(item.split(separator)) for item in texts(found, name)):
            return Keywords(words or tuple(dict.fromkeys(branch[-1] for branch in branches)), branches)
    words = words or iptc
    return Keywords(words, tuple((word,) for word in words))


def _iptc_keywords(image: Image) -> Iterator[str]:
    data = (getiptcinfo(image) if isinstance(image, ImageFile) else None) or {}
    found = data.get(_IPTC_KEYWORDS, [])
    encoding = "utf-8" if data.get(_IPTC_CHARSET) == _UTF8 else "latin-1"
    for word in found if isinstance(found, list) else [found]:
        yield word.decode(encoding)
