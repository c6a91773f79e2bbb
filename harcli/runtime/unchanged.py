"""Whether a model file is still what it was: a flipped bit in the weights gives other tags, and no error.

The models that come with harcli stand in `SHA256SUMS` beside them; what `harcli export-onnx` and `train-detector` make
carries the hash of its own graph. Files are hashed when they are opened, 0.3 s for 77 MB, which is a tenth of what
opening them takes: so nothing needs to be kept of earlier checks, which would have to be trusted in turn. A run with a
store needs the same hash, to know whose findings are in there; it is computed once.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from harcli.errors import HarcliError
from harcli.models_dir import models_dir
from harcli.runtime.onnx_wire import external_files, graph, metadata

SUMS = "SHA256SUMS"
"""Beside the folders of the models that come with harcli, in the form of the program `sha256sum`."""

RENEW = f"(cd models && sha256sum */model*.onnx > {SUMS})"
"""The command that makes it, in a clone."""

GRAPH_KEY = "harcli-graph-sha256"
"""The key of an ONNX file's metadata under which it carries the hash of its graph."""

_CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """SHA-256 of a model: of the file alone, or of it and all files in which it keeps weights.

    Raises:
        HarcliError: one of them cannot be read.
    """
    try:
        own = _sha256(path)
        others = _others_once(path, *_stamp(path))
        if not others:
            return own
        named = (f"{name}\0{_sha256(path.parent / name)}" for name in others)
        return hashlib.sha256("\0".join([own, *named]).encode("utf-8", "surrogateescape")).hexdigest()
    except (OSError, ValueError) as error:  # a name with a NUL in it
        where = getattr(error, "filename", None) or path
        raise HarcliError(f"{where}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def graph_digest(path: Path) -> str:
    """SHA-256 of the graph of an ONNX file, weights and all, that of files outside included; of no metadata.

    Raises:
        HarcliError: it cannot be read, or is no ONNX file.
    """
    try:
        with _mapped(path) as data:
            state = hashlib.sha256(graph(data))
            others = external_files(data)
        for name in others:
            state.update(bytes.fromhex(_sha256(path.parent / name)))
        return state.hexdigest()
    except (OSError, ValueError) as error:
        raise HarcliError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def carried(path: Path) -> dict[str, str]:
    """The metadata of an ONNX file, which is not opened for it.

    Raises:
        HarcliError: it cannot be read, or is no ONNX file.
    """
    try:
        with _mapped(path) as data:
            return metadata(data)
    except (OSError, ValueError) as error:
        raise HarcliError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def check_shipped(path: Path) -> bool:
    """See that a model that comes with harcli is as it was made; any other is not looked at.

    Returns:
        Whether it is one.

    Raises:
        HarcliError: it is not, or the list of hashes is missing.
    """
    home = models_dir()
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(home)):
        return False
    name = real.relative_to(os.path.realpath(home)).as_posix()
    expected = _sums(home / SUMS).get(name)
    if file_digest(real) != expected:
        what = "is damaged or was changed" if expected else f"is not in {SUMS}"
        raise HarcliError(
            f"{path}: {what}, so its tags could be wrong; reinstall harcli, or if the new file is meant: {RENEW}"
        )
    return True


def check_carried(path: Path, properties: Mapping[str, str]) -> None:
    """See that a model has the graph whose hash it carries; one that carries none is not looked at.

    Args:
        properties: the file's metadata.

    Raises:
        HarcliError: it has another one.
    """
    expected = properties.get(GRAPH_KEY)
    if expected is not None and graph_digest(path) != expected:
        raise HarcliError(f"{path}: damaged or changed since it was exported, so its tags could be wrong; export again")


def graph_property(model: bytes) -> dict[str, str]:
    """The metadata that `check_carried` looks for, of a model that has all its weights inside."""
    return {GRAPH_KEY: hashlib.sha256(graph(memoryview(model))).hexdigest()}


def shipped_digests() -> dict[str, str]:
    """The hash of each file that comes with harcli, by its path in the folder of models.

    Raises:
        HarcliError: the models or their list are missing.
    """
    return _sums(models_dir() / SUMS)


def _sums(path: Path) -> dict[str, str]:
    """The hashes by name."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise HarcliError(f"{path}: cannot be read ({reason}); reinstall harcli, or in a clone: {RENEW}") from error
    # `HASH  NAME`, or `HASH *NAME` where it was read as a binary file.
    return {line[66:]: line[:64] for line in lines}


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[memoryview]:
    """The bytes of a file, which are not read before they are used."""
    with path.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size == 0:  # which cannot be mapped
            yield memoryview(b"")
            return
        # Not closed by hand: an error on its way still holds parts of it.
        yield memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))


def _sha256(path: Path) -> str:
    """Of a file, read once as long as it does not change."""
    return _read_once(path, *_stamp(path))


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


@lru_cache(64)
def _others_once(path: Path, *stamp: int) -> tuple[str, ...]:
    """The files in which a model keeps weights beside its own; none if it is no ONNX file, which whoever opens it will
    say."""
    with _mapped(path) as data:
        try:
            return tuple(external_files(data))
        except ValueError:
            return ()


@lru_cache(64)
def _read_once(path: Path, *stamp: int) -> str:
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            state.update(chunk)
    return state.hexdigest()
