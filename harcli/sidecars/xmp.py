"""Keywords in sidecars: `photo.jpg.xmp` beside `photo.jpg`, for programs that manage photos (docs/keywords.md).

The photo is only read. What others wrote into a sidecar stays, and a sidecar that already says it is not written.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from harcli.errors import HarcliError
from harcli.outputs.whole_file import whole_file
from harcli.photos.decode import reason
from harcli.photos.errors import PhotoError
from harcli.photos.sidecar import LARGEST_SIDECAR, sidecar_of
from harcli.results import Record, RunInfo
from harcli.sidecars.embedded import embedded, orientation
from harcli.sidecars.keywords import Keywords, keywords_of
from harcli.sidecars.keywords import is_copy as is_copy_of_keywords
from harcli.sidecars.keywords import merge as merge_keywords
from harcli.sidecars.packet import NAMESPACE, Packet, load_exiv2
from harcli.sidecars.regions import Regions, regions_of
from harcli.sidecars.regions import fits as regions_fit
from harcli.sidecars.regions import merge as merge_regions

ROOT = "harcli"
"""What all branches are under, so that they can be found, hidden or deleted as one. Not `People`: that is where digiKam
and others keep the names of persons."""

_OWN = "Xmp.harcli."
_FORMAT = f"{_OWN}Format"
_MADE = f"{_OWN}MadeSidecar"
_VERSION = "1"
_BLANK = b" \t\r\n\0\xef\xbb\xbf\xfe\xff"


class SidecarError(HarcliError):
    """The sidecar of one photo cannot be read or written; it is as it was."""


class SidecarWriter:
    """Writes what is known of photos into their sidecars.

    Attributes:
        without_boxes: how many photos got no boxes though they were asked for, because boxes would have hidden the
            photo's own regions, or stood beside others for a picture of another shape.
    """

    def __init__(self, info: RunInfo, *, regions: bool = False, prefix: str = ROOT) -> None:
        """
        Args:
            regions: people's boxes too; without, those of an earlier run go.
            prefix: what all branches are under.

        Raises:
            HarcliError: the library for XMP is not installed.
        """
        load_exiv2()
        self._info = info
        self._regions = regions
        self._prefix = prefix
        self.without_boxes = 0

    def write(self, records: Sequence[Record], photo: Path) -> bool:
        """Put the tags of all people in a photo into its sidecar, in place of those of an earlier run.

        A photo without people gets no new sidecar; one that could not be read is left out.

        Args:
            records: all records of one photo.
            photo: its file.

        Returns:
            Whether the sidecar has changed.

        Raises:
            SidecarError: it cannot be read, or written without loss.
        """
        if any(record.error for record in records):
            return False
        regions = None
        # Regions are for one picture; people of a video are in many.
        if self._regions and any(record.box and record.seen is None for record in records):
            try:
                regions = regions_of(records, orientation(photo))
            except Exception as error:  # the photo has changed since it was tagged; Pillow raises some ten types
                why = error.reason if isinstance(error, PhotoError) else reason(error)
                raise SidecarError(f"{photo}: its orientation cannot be read ({why})") from error
        changed, whole = _update(photo, keywords_of(records, self._info, self._prefix), regions)
        self.without_boxes += not whole
        return changed


def remove(photo: Path) -> bool:
    """Take out of a photo's sidecar what harcli put in. One that harcli made goes, unless others wrote into it.

    Returns:
        Whether the sidecar has changed or gone.

    Raises:
        SidecarError: it cannot be read, or written without loss.
        HarcliError: the library for XMP is not installed.
    """
    load_exiv2()
    return _update(photo, Keywords(), None)[0]


def _update(photo: Path, keywords: Keywords, regions: Regions | None) -> tuple[bool, bool]:
    """Make a sidecar say this, and nothing else of harcli's.

    Returns:
        Whether it has changed, and whether the regions could be put in.
    """
    path = sidecar_of(photo)
    document = _read(path)
    if not (keywords.words or regions) and not (document and _mentions_harcli(document)):
        return False, True
    if document is None and path.is_symlink():
        raise SidecarError(f"{path}: a link to a file that is not there; left as it is")
    own = embedded(photo)
    if document is not None and not document.strip(_BLANK):
        document = None  # a full disk or a program that was ended left it like that; there is nothing to lose
    try:
        packet = Packet(document)
        before = packet.serialise()
        made = document is None or bool(packet.text(_MADE))
        fitting = regions if regions is None or regions_fit(packet, regions, own.regions) else None
        _merge(packet, keywords, fitting, own.keywords, made)
        after = packet.serialise()
        if after != before:
            empty = made and is_copy_of_keywords(packet, own.keywords)
            Packet(after.encode())  # it can be read again
            _replace(path, None if empty else after)
    except ValueError as error:
        raise SidecarError(f"{path}: {error}; left as it is") from error
    return after != before, fitting is regions


def _mentions_harcli(document: bytes) -> bool:
    """Whether harcli may have put something in; in UTF-16 too, where every other byte is zero."""
    return NAMESPACE.encode() in document.replace(b"\x00", b"")


def _merge(packet: Packet, keywords: Keywords, regions: Regions | None, embedded: Keywords, made: bool) -> None:
    """Bring a packet to what is to be said, with a note of what is harcli's and whether it `made` the sidecar."""
    merge_keywords(packet, keywords, embedded)
    merge_regions(packet, regions)
    if keywords.words or regions:
        packet.set_text(_FORMAT, _VERSION)
        if made:
            packet.set_text(_MADE, "True")
    else:
        packet.erase(packet.keys_under(_OWN))


def _replace(path: Path, text: str | None) -> None:
    """Write a sidecar, or remove it."""
    try:
        if text is None:
            _unlink(path)
        else:
            with whole_file(path) as stream:
                stream.write(text)
    except OSError as error:
        raise SidecarError(f"{path}: cannot be written ({error.strerror})") from error
    except HarcliError as error:
        raise SidecarError(str(error)) from error


def _unlink(path: Path) -> None:
    """Remove a sidecar; one that is a link with the file behind it, or harcli's keywords would stay there."""
    if path.is_symlink():
        path.resolve().unlink()
    path.unlink()


def _read(path: Path) -> bytes | None:
    """The bytes of a sidecar, None if there is none."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SidecarError(f"{path}: is not a regular file")
        if status.st_size > LARGEST_SIDECAR:
            raise SidecarError(f"{path}: larger than any sidecar ({status.st_size >> 20} MB); left as it is")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SidecarError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
