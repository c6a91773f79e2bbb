"""What to do with a path: take what is known of its content, or decode it."""

from __future__ import annotations

import threading
from pathlib import Path

from harcli.photos.decode import check_kind, decode_noted, reason
from harcli.photos.errors import PhotoError
from harcli.tagging.content import stamp
from harcli.tagging.finding import Finding
from harcli.tagging.reader import Photo
from harcli.tagging.store import Identity, Store


class Source:
    """Reads photos for `read_ahead`. Of several files with one content, the first that comes is decoded."""

    def __init__(self, max_megapixels: float, store: Store | None) -> None:
        self._max_megapixels = max_megapixels
        self._store = store
        self._claimed: set[bytes] = set()
        self._lock = threading.Lock()

    def read(self, path: Path) -> Photo:
        """The photo's pixels; or what is known of it; or neither, if a photo that comes before it has its content."""
        photo = Photo(path)
        try:
            if self._store is not None:
                check_kind(path)  # before its content is read: a named pipe would wait for ever
                photo.identity = identity = self._store.identify(path)
                photo.finding = self.known(identity.content)
                if photo.finding is not None or not self._claim(identity.content):
                    return photo
        except PhotoError as error:
            photo.finding = Finding(error=error.reason)
            return photo
        except (OSError, ValueError) as error:  # not there; a name that no file can have
            photo.finding = Finding(error=reason(error))
            return photo
        return self.decode(photo)

    def decode(self, photo: Photo) -> Photo:
        """Fill in the photo's pixels, whatever is known; or why there are none."""
        try:
            photo.pixels, photo.note = decode_noted(photo.path, self._max_megapixels)
        except PhotoError as error:
            photo.finding = Finding(error=error.reason)
            if photo.identity is not None and not _is_of_content(error, photo.identity):
                photo.identity = None
        return photo

    def known(self, content: bytes) -> Finding | None:
        """What the store has of a content, if it is not too large for this run."""
        finding = self._store.get(content) if self._store is not None else None
        if finding is None or finding.size is None:
            return None
        width, height = finding.size
        return finding if width * height <= self._max_megapixels * 1e6 else None  # `decode` will say so

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
    try:
        return stamp(identity.path) == identity.stamp
    except OSError:
        return False
