"""What a photo file itself says: its keywords, and how it is to be turned. The file is only read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL.Image import Image
from PIL.ImageFile import ImageFile
from PIL.IptcImagePlugin import getiptcinfo

from harcli.photos.decode import open_photo
from harcli.photos.sidecar import stated_orientation
from harcli.photos.xmp_envelope import normalised
from harcli.sidecars.keywords import Keywords
from harcli.sidecars.passed_over import passed_over
from harcli.sidecars.properties import Properties, properties, texts

_ORIENTATION = 0x0112
_IPTC_KEYWORDS = (2, 25)
_XP_KEYWORDS = 0x9C9E
_TREES = (
    ("{http://www.digikam.org/ns/1.0/}TagsList", "/"),
    ("{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject", "|"),
    ("{http://ns.microsoft.com/photo/1.0/}LastKeywordXMP", "/"),
    ("{http://ns.microsoft.com/photo/1.0}LastKeywordXMP", "/"),  # as ExifTool writes it
    ("{http://ns.iview-multimedia.com/mediapro/1.0/}CatalogSets", "|"),
)
_WORDS = "{http://purl.org/dc/elements/1.1/}subject"
_REGIONS = "{http://www.metadataworkinggroup.com/schemas/regions/}Regions"


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a photo file says in its XMP, IPTC and EXIF data.

    Attributes:
        keywords: those of its XMP data, or else of its IPTC data, or else those that Windows keeps in EXIF data.
        regions: whether it has regions, faces for example.
    """

    keywords: Keywords = field(default_factory=Keywords)
    regions: bool = False


def embedded(photo: Path) -> Embedded:
    """What a photo file says; nothing if the file is gone or cannot be read."""
    found: Properties = {}
    words: list[str] = []
    with contextlib.suppress(Exception), _opened(photo) as image:  # metadata may be damaged in any way
        with contextlib.suppress(Exception):
            document = image.info.get("xmp") or passed_over(photo, image.format)
            found = properties(normalised(document.encode() if isinstance(document, str) else document))
        for read in (_iptc_keywords, _windows_keywords):
            with contextlib.suppress(Exception):
                words = words or list(read(image))
    return Embedded(_keywords(found, tuple(words)), _REGIONS in found)


def orientation(photo: Path) -> int:
    """How the stored picture is turned to be seen, 1 to 8: by its sidecar or its EXIF data, as the decoder does it.

    Raises:
        OSError: the file cannot be read.
    """
    with _opened(photo) as image:
        # A reader of HEIC turns the picture itself and keeps here what the file says.
        if stated := image.info.get("original_orientation"):
            return int(stated)
        if image.format != "HEIF" and (by_sidecar := stated_orientation(photo)):
            return by_sidecar
        try:
            return int(image.getexif().get(_ORIENTATION, 1))
        except Exception:  # damaged EXIF data, as for the decoder
            return 1


def _opened(photo: Path) -> Image:
    if not photo.is_file():
        raise FileNotFoundError(f"{photo} is not a file")  # opening a named pipe would wait for ever
    return open_photo(photo)


def _keywords(found: Properties, others: tuple[str, ...]) -> Keywords:
    words = tuple(filter(None, texts(found, _WORDS)))
    for name, separator in _TREES:
        if branches := tuple(tuple(item.split(separator)) for item in texts(found, name) if item):
            return Keywords(words or tuple(dict.fromkeys(branch[-1] for branch in branches)), branches)
    words = words or others
    return Keywords(words, tuple((word,) for word in words))


def _iptc_keywords(image: Image) -> Iterator[str]:
    """The keywords of IPTC data, which rarely tell their encoding: what is valid UTF-8 is meant so."""
    data = (getiptcinfo(image) if isinstance(image, ImageFile) else None) or {}
    found = data.get(_IPTC_KEYWORDS, [])
    for raw in found if isinstance(found, list) else [found]:
        for encoding in ("utf-8", "cp1252", "latin-1"):  # the last one reads everything
            with contextlib.suppress(UnicodeDecodeError):
                if word := raw.decode(encoding).strip("\x00 "):
                    yield word
                break


def _windows_keywords(image: Image) -> Iterator[str]:
    """The keywords that Windows lets one type in a file's properties: UTF-16, separated by semicolons."""
    if image.format == "PNG" and "exif" not in image.info:
        return  # Pillow would decode the whole picture to look behind it
    raw = image.getexif().get(_XP_KEYWORDS, b"")
    for word in bytes(raw).decode("utf-16-le", "replace").partition("\x00")[0].split(";"):
        if word.strip():
            yield word.strip()
