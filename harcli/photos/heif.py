"""HEIC and AVIF: photos in a container like that of MP4 films. Their decoders are loaded when the first one comes."""

from __future__ import annotations

from pathlib import Path

from harcli.extras import install
from harcli.photos.errors import PhotoError
from harcli.runtime import thread_count

_AVIF = frozenset({b"avif", b"avis"})
_HEVC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_ANY_CODEC = frozenset({b"mif1", b"msf1"})
_LONGEST_HEADER = 256
_HEIF_THREADS = 4  # what libheif uses if nothing else is said


def load_decoder(path: Path) -> str | None:
    """Load what decodes the file if it is HEIC or AVIF, by its content, whatever its name.

    Returns:
        Pillow's name of the format, `HEIF` or `AVIF`; None for all other files.

    Raises:
        PhotoError: the decoder is not installed.
        OSError: the file cannot be read.
    """
    brands = _brands(path)
    for brand in brands:
        if brand in _HEVC:
            return _load_heif(path)
        if brand in _AVIF:
            return _load_avif(path)
    return None if _ANY_CODEC.isdisjoint(brands) else _load_heif(path)


def _brands(path: Path) -> list[bytes]:
    """What the container says that it can be read as, best first: the brands of its first box, `ftyp`."""
    with path.open("rb") as stream:
        head = stream.read(_LONGEST_HEADER)
    if head[4:8] != b"ftyp":
        return []
    head = head[: int.from_bytes(head[:4], "big")]
    # The main brand, the number of its version, then the compatible brands.
    return [head[8:12], *(head[start : start + 4] for start in range(16, len(head), 4))]


def _load_heif(path: Path) -> str:
    try:
        # Registers itself with Pillow; Python's import lock sees to it that this is done once.
        import pi_heif.HeifImagePlugin
    except ImportError as error:
        raise PhotoError(path, f"HEIC needs an extra: {install('heif')}") from error
    pi_heif.options.DECODE_THREADS = min(_HEIF_THREADS, thread_count())
    return "HEIF"


def _load_avif(path: Path) -> str:
    from PIL import AvifImagePlugin

    if not AvifImagePlugin.SUPPORTED:
        raise PhotoError(path, "AVIF needs a Pillow that is built with libavif, as the wheels of PyPI are")
    AvifImagePlugin.DEFAULT_MAX_THREADS = thread_count()
    return "AVIF"
