"""What to do with a path: take what is known of its content, or decode it."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from harcli.photos.decode import check_kind, reason
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import check_header, decode_guarded
from harcli.photos.limits import Limits
from harcli.remote.photo import Copy, PhotoPlace, RemotePhoto, at_hand
from harcli.runtime.flow import Stopped
from harcli.tagging.content import Identity
from harcli.tagging.finding import Finding
from harcli.tagging.reader import Photo

if TYPE_CHECKING:
    from harcli.tagging.store import Store

_LARGE = 2**24  # bytes: less is hashed faster than looked into

_IN_USE = 7 / 3
"""What looking at pixels takes, by what they take: Pillow makes a copy with four bytes each before it resizes them."""


class Source:
    """Reads photos for `read_ahead`. Of several files with one content, the first that comes is decoded."""

    def __init__(self, limits: Limits, store: Store | None, again: bool = False) -> None:
        """
        Args:
            again: whoever takes a photo's finding decodes it again: it keeps its share of the memory for that long, and
                gets one where it is known already.
        """
        self._limits = limits
        self._store = store
        self._again = again
        self._claimed: set[bytes] = set()
        self._lock = threading.Lock()

    def look_up(self, path: PhotoPlace) -> Photo:
        """The photo, with what the store knows of it if the file system vouches for its content; without a finding it
        has to be read."""
        photo = Photo(path)
        if self._store is not None:
            with contextlib.suppress(OSError, ValueError):  # `read` will say so
                photo.identity = self._store.vouched(path)
            if photo.identity is not None and not self._again:
                photo.finding = self.known(photo.identity.content)
        return photo

    def read(self, photo: Photo) -> None:
        """Fill in the photo's pixels; or what is known of it; or neither, if one before it has the same content."""
        try:
            if isinstance(photo.path, Path):
                self._read(photo, photo.path)
            else:
                with at_hand(photo.path, self._limits.bytes) as copy:
                    self._read(photo, copy.file, copy)
        except PhotoError as error:
            photo.finding = photo.finding or Finding(error=error.reason)
        except (OSError, ValueError) as error:  # not there; a name that no file can have
            photo.finding = photo.finding or Finding(error=reason(error))
        except Stopped:
            pass
        finally:
            photo.share.keep(self._held(photo))

    def _read(self, photo: Photo, file: Path, copy: Copy | None = None) -> None:
        """As `read`, from the photo's file, or from the copy of one that is elsewhere."""
        if self._store is None or not self._is_known(photo, self._store, copy):
            self._decode(photo, file)
        elif self._again and (photo.finding is None or photo.finding.people):
            photo.share.take(check_header(file, self._limits))

    def decode(self, photo: Photo) -> None:
        """Fill in the photo's pixels, whatever is known; or why there are none."""
        if isinstance(photo.path, Path):
            self._decode(photo, photo.path)
            return
        try:
            with at_hand(photo.path, self._limits.bytes) as copy:
                self._decode(photo, copy.file)
        except PhotoError as error:
            photo.finding, photo.identity = Finding(error=error.reason), None

    def _decode(self, photo: Photo, file: Path) -> None:
        photo.share.begin()
        try:
            photo.pixels, photo.note = decode_guarded(file, self._limits, room=photo.share.take)
        except PhotoError as error:
            photo.finding = Finding(error=error.reason)
            if photo.identity is not None and not _is_of_content(error, photo.identity):
                photo.identity = None
        except Stopped:
            pass
        finally:
            photo.share.keep(self._held(photo))

    def _is_known(self, photo: Photo, store: Store, copy: Copy | None = None) -> bool:
        """Look the photo up: whether the store knows it, or one before it has the same content.

        Args:
            copy: of a photo elsewhere.
        """
        if photo.identity is None:  # else it has been looked up
            file = photo.path if copy is None else copy.file
            assert isinstance(file, Path)
            check_kind(file)  # before its content is read: a named pipe would wait for ever
            if file.stat().st_size > _LARGE:
                check_header(file, self._limits)  # films have gigabytes
            if copy is not None and isinstance(photo.path, RemotePhoto):
                photo.identity = store.identify_copy(photo.path, copy)
            else:
                photo.identity = store.identify(file)
            photo.finding = self.known(photo.identity.content)
        elif self._again:
            photo.finding = self.known(photo.identity.content)
        return photo.finding is not None or not self._claim(photo.identity.content)

    def known(self, content: bytes) -> Finding | None:
        """What the store has of a content, if it is not too large for this run."""
        return self._store.get(content, self._limits.megapixels) if self._store is not None else None

    def _held(self, photo: Photo) -> int:
        """Bytes of memory that the photo holds until it has been looked at, or is decoded again."""
        in_use = 0 if photo.pixels is None else int(photo.pixels.nbytes * _IN_USE)
        failed = photo.finding is not None and bool(photo.finding.error)
        return max(in_use, photo.share.held) if self._again and not failed else in_use

    def _claim(self, content: bytes) -> bool:
        """Whether the caller is the first one with this content."""
        with self._lock:
            first = content not in self._claimed
            self._claimed.add(content)
            return first


def _is_of_content(error: PhotoError, identity: Identity) -> bool:
    """Whether all files of this content have the error: not one that has vanished, is on a broken disk, or came at a
    moment without memory."""
    cause = error.__cause__
    if isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno is not None):
        return False
    return identity.holds
