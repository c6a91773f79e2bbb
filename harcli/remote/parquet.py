"""Parquet files at a URL, of which Arrow reads the parts that it needs."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from harcli.errors import HarcliError
from harcli.photos.find import natural
from harcli.remote.failures import Incomplete, in_time, persistent, reason_of
from harcli.remote.photo import size_of
from harcli.remote.urls import is_web, opened, shown
from harcli.remote.walk import everything_below
from harcli.results.parquet_files import ENDING, is_part

if TYPE_CHECKING:
    import pyarrow
    from fsspec import AbstractFileSystem
    from pyarrow import dataset

_AT_ONCE = 16
"""Files whose columns are looked at in the same moment: a server takes its time for each."""

_END = 1 << 16
"""Bytes at the end of a file that are read at once: what is in the file stands there."""


@dataclass(frozen=True, slots=True)
class _Object:
    """A file there.

    Attributes:
        name: how messages name it.
        path: as fsspec has it.
        size: bytes; None if the listing did not say.
    """

    name: str
    path: str
    size: int | None


class FilesElsewhere:
    """See `harcli.results.parquet_files.Files`: an object, or all below a URL."""

    def __init__(self, url: str) -> None:
        """
        Raises:
            HarcliError: there is nothing of this name, or it cannot be listed; a package is missing.
        """
        self.place: Path | str = shown(url)
        self._url = url
        filesystem, root = opened(url)
        try:
            objects = list(self._listed(filesystem, root))
        except HarcliError:
            raise
        except Exception as error:  # each kind of server has errors of its own
            raise HarcliError(f"{self.place}: cannot be listed: {reason_of(error)}") from None
        self._objects = {
            each.path: each for each in sorted(objects, key=lambda each: natural(PurePosixPath(each.name)))
        }
        self.names = [each.name for each in self._objects.values()]

    def _listed(self, filesystem: AbstractFileSystem, root: str) -> Iterator[_Object]:
        about = None if self._url.endswith("/") else persistent(lambda: filesystem.info(root))
        if about is not None and (is_web(self._url) or about["type"] != "directory"):
            if PurePosixPath(str(self.place).partition("?")[0]).suffix.lower() != ENDING:
                raise HarcliError(f"{self.place}: results at a URL are read as .parquet only; copy others here first")
            yield _Object(str(self.place), root, size_of(about))
            return
        found, failed = everything_below(self._url)
        for path, why in failed.items():
            raise HarcliError(f"{self._name(_inside(path, root))}: cannot be listed: {why}")
        for path, each in found.items():
            inside = _inside(path, root)
            if each.get("type") != "directory" and is_part(PurePosixPath(inside)):
                yield _Object(self._name(inside), path, size_of(each))

    def _name(self, inside: str) -> str:
        return f"{str(self.place).rstrip('/')}/{inside}"

    def opened(self) -> AbstractContextManager[Iterator[BinaryIO]]:
        """See `Files`. Their ends are brought here ahead of time."""
        return closing(self._opened())

    def _opened(self) -> Generator[BinaryIO, None, None]:
        ahead: deque[Future[BinaryIO]] = deque()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                for path in self._objects:
                    ahead.append(pool.submit(self._begun, path))
                    if len(ahead) == _AT_ONCE:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for future in ahead:
                    future.cancel()

    def data(self, schema: pyarrow.Schema) -> dataset.Dataset:
        """See `Files`."""
        from pyarrow import PythonFile, dataset, fs

        class Handler(fs.FSSpecHandler):  # type: ignore[misc, unused-ignore]
            """Reads as `_Parts` does; Arrow's own would read ahead by megabytes, and try nothing again."""

            def open_input_file(handler, path: str) -> Any:
                return PythonFile(self._open(path), mode="r")

        there = fs.PyFileSystem(Handler(opened(self._url)[0]))
        return dataset.dataset(list(self._objects), schema=schema, format="parquet", filesystem=there)

    def _open(self, path: str) -> _Parts:
        return _Parts(self._url, self._objects[path])

    def _begun(self, path: str) -> BinaryIO:
        file = self._open(path)
        file.fetch_end()
        return cast(BinaryIO, file)


def _inside(path: str, root: str) -> str:
    """The path from the root on."""
    return path.removeprefix(root.rstrip("/")).lstrip("/")


class _Parts(io.RawIOBase):
    """A file there that is open for reading; what is read is brought here, with several attempts."""

    def __init__(self, url: str, about: _Object) -> None:
        super().__init__()
        self._url, self._about = url, about
        self._size = about.size
        self._at = 0
        self._end: tuple[int, bytes] | None = None  # from which byte on, and what is there

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._length())[whence] if whence else offset
        return self._at

    def read(self, count: int | None = -1) -> bytes:
        """
        Raises:
            HarcliError: the server fails, or brings less than there should be.
        """
        length = self._length()
        start, stop = self._at, length if count is None or count < 0 else min(length, self._at + count)
        if stop <= start:
            return b""
        self._at = stop
        if start >= length - _END:
            self.fetch_end()
        if self._end is not None and start >= self._end[0]:
            first, content = self._end
            return content[start - first : stop - first]
        return self._fetched(start, stop)

    def fetch_end(self) -> None:
        """Bring what stands at the end, or all where the server does not say how much that is.

        Raises:
            HarcliError: as `read`.
        """
        if self._end is None:
            length = self._length()
            first = max(0, length - _END)
            self._end = first, self._fetched(first, length)

    def _length(self) -> int:
        if self._size is None:
            self._size = self._asked(lambda: size_of(self._filesystem.info(self._about.path)))
        if self._size is None:  # some servers never say
            content = self._asked(lambda: in_time(self._filesystem, "cat_file", self._about.path))
            self._size, self._end = len(content), (0, content)
        return self._size

    @property
    def _filesystem(self) -> AbstractFileSystem:
        """That of the thread that asks: some connections are one thread's own."""
        return opened(self._url)[0]

    def _fetched(self, start: int, stop: int) -> bytes:
        return bytes(self._asked(lambda: self._attempt(start, stop)))

    def _attempt(self, start: int, stop: int) -> bytes:
        about, wanted = self._about, stop - start
        got = in_time(self._filesystem, "cat_file", about.path, size=wanted, start=start, end=stop)
        if len(got) == self._size != wanted:  # a server that does not know parts
            return bytes(got[start:stop])
        if len(got) != wanted:
            raise Incomplete(len(got), wanted)
        return bytes(got)

    def _asked(self, attempt: Any) -> Any:
        try:
            return persistent(attempt)
        except Exception as error:  # each kind of server has errors of its own
            raise HarcliError(f"{self._about.name}: cannot be read: {reason_of(error)}") from None
