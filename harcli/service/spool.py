"""Photos on their way lie in files of a folder that only this user can look into, and not in memory."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from harcli.photos.kinds import RAW_ENDINGS
from harcli.service.refused import Refused, busy


class Spool:
    """So many bytes for the photos of all requests together."""

    def __init__(self, room: int) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="harcli-serve-"))  # for this user alone
        self._room = room

    def file(self, most: int, name: str = "") -> Arriving:
        """A new file, to be used as a context; it is gone afterwards.

        Args:
            most: bytes that it may have.
            name: what the client calls the photo. Nothing of it is used but the ending of a RAW file, by which alone
                these are known.
        """
        ending = Path(name).suffix.lower()
        return Arriving(self, self._folder / f"{secrets.token_hex(16)}{ending if ending in RAW_ENDINGS else ''}", most)

    @contextlib.contextmanager
    def elsewhere(self) -> Iterator[Callable[[int], None]]:
        """Within this, a function by which room is taken for bytes that lie in no file of the spool, as `take`."""
        taken = 0

        def take(count: int) -> None:
            nonlocal taken
            self.take(count)
            taken += count

        try:
            yield take
        finally:
            self.give_back(taken)

    def take(self, count: int) -> None:
        """Raises Refused if there is no room for so many bytes more."""
        if count > self._room:
            raise busy("too many photos are arriving at the moment; send it again later", 5)
        self._room -= count

    def give_back(self, count: int) -> None:
        """Let others have so many bytes."""
        self._room += count

    def close(self) -> None:
        """Remove all."""
        shutil.rmtree(self._folder, ignore_errors=True)


class Arriving:
    """A photo that arrives in pieces.

    Attributes:
        path: where it lies.
        size: bytes so far.
    """

    def __init__(self, spool: Spool, path: Path, most: int) -> None:
        self.path, self.size = path, 0
        self._spool, self._most = spool, most

    def __enter__(self) -> Arriving:
        self._stream = self.path.open("xb")
        return self

    def write(self, piece: bytes) -> None:
        """Add a piece.

        Raises:
            Refused: it is too large, or there is no room.
        """
        if self.size + len(piece) > self._most:
            raise too_large(self._most)
        self._spool.take(len(piece))
        self.size += len(piece)
        try:
            self._stream.write(piece)
        except OSError as error:
            raise Refused(507, "the service has no room for photos at the moment") from error

    def finish(self) -> None:
        """All is there."""
        try:
            self._stream.close()
        except OSError as error:
            raise Refused(507, "the service has no room for photos at the moment") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
        with contextlib.suppress(OSError):  # on Windows, while it is still being decoded; it goes with the folder
            self.path.unlink(missing_ok=True)
        self._spool.give_back(self.size)


def too_large(most: int) -> Refused:
    """A body or photo has more bytes than it may have."""
    return Refused(413, f"larger than {most / 1e6:g} MB, which is the most that this service takes")
