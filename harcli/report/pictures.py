"""Thumbnails: each photo as a whole, and each of its people with a little of what is around."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harcli.photos.crop import grow_box
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import decode_guarded
from harcli.photos.limits import MAX_MEGAPIXELS, NO_LIMITS, PHOTO_TIMEOUT, STANDARD, Limits
from harcli.photos.memory import Memory, Share
from harcli.remote.listing import remote_photo
from harcli.remote.photo import at_hand
from harcli.report.content import Photo
from harcli.results import Box
from harcli.runtime import reader_count
from harcli.runtime.daemons import Daemons
from harcli.video.best import best_frames

Region = tuple[int, int, int, int]
"""`(x1, y1, x2, y2)` in displayed pixels."""

PERSON_SIZE = (252, 336)
"""Width and height of a person's thumbnail at most, in pixels; cards on the page have the same ratio."""

PHOTO_SIDE = 800
"""The longer side of a photo's thumbnail at most, in pixels."""

_AROUND = 0.12  # of the box's width and height, on each side
_LEAST_HEIGHT = 128  # of a region: somebody far away is shown with what is around rather than as a few large pixels
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Pictures:
    """JPEG files of one photo: the whole, and its people in their order; or the reason why there are none."""

    photo: bytes = b""
    people: tuple[bytes, ...] = ()
    problem: str = ""


def region(box: Box, size: tuple[int, int]) -> Region:
    """The part of a photo that a person's thumbnail shows: the box and some room around, in the thumbnail's ratio.

    Where the photo ends, the region does, and its ratio is another one.

    Args:
        box: in displayed pixels.
        size: `(width, height)` of the photo.
    """
    x1, y1, x2, y2 = grow_box(box, size, _AROUND)
    ratio = PERSON_SIZE[0] / PERSON_SIZE[1]
    height = max(y2 - y1, (x2 - x1) / ratio, _LEAST_HEIGHT)
    left, right = _side(x1, x2, height * ratio, size[0])
    top, bottom = _side(y1, y2, height, size[1])
    return left, top, right, bottom


def draw_all(photos: Iterable[Photo], *, fetch: bool = False) -> Iterator[Pictures]:
    """The pictures of each photo in turn; every file is decoded once, in threads.

    Args:
        fetch: photos at URLs too.
    """
    photos = list(photos)
    workers = reader_count()
    # One limit for all, and no photo that was tagged is refused.
    limit = max([MAX_MEGAPIXELS, *(photo.size[0] * photo.size[1] / 1e6 for photo in photos)])
    limits = replace(NO_LIMITS, megapixels=limit, seconds=PHOTO_TIMEOUT)
    waiting: deque[Future[list[Pictures]]] = deque()
    memory = Memory(STANDARD.bytes)
    pool = Daemons(workers, "thumbnails")
    try:
        for _, group in groupby(enumerate(photos), _film_or_photo):
            waiting.append(pool.submit(_drawn, [photo for _, photo in group], limits, memory.share(), fetch))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        # On Ctrl-C too: what is being drawn is not waited for, what is not is dropped.
        memory.stop()
        for future in waiting:
            future.cancel()
        pool.stop()


def _film_or_photo(place: tuple[int, Photo]) -> Path | str | int:
    """The same for all frames of a video."""
    number, photo = place
    return number if photo.seen is None else photo.file


def _drawn(photos: Sequence[Photo], limits: Limits, share: Share, fetch: bool) -> list[Pictures]:
    """The pictures of a photo, or of frames of a video."""
    times = [photo.seen for photo in photos if photo.seen is not None]
    if not times:
        return [draw(photo, limits, share, fetch=fetch) for photo in photos]
    pictures: list[Pictures] = []
    try:
        with _at_hand(photos[0], fetch) as file, closing(best_frames(file, limits, times)) as frames:
            pictures += map(_cut, photos, frames)
    except PhotoError as error:
        pictures += [Pictures(problem=error.reason)] * (len(photos) - len(pictures))
    finally:
        share.give_back()
    return pictures


def draw(photo: Photo, limits: Limits = STANDARD, share: Share | None = None, *, fetch: bool = False) -> Pictures:
    """The pictures of one photo.

    A photo that has another size than when it was tagged is not shown: the boxes would be in the wrong places.

    Args:
        limits: of memory and time for decoding.
        share: of the memory of all; None: there are no others.
        fetch: one at a URL too.
    """
    share = share or Memory(STANDARD.bytes).share()
    try:
        return _draw(photo, limits, lambda count: share.take(min(count, STANDARD.bytes)), fetch)
    finally:
        share.give_back()


def _draw(photo: Photo, limits: Limits, room: Callable[[int], None], fetch: bool) -> Pictures:
    regions = [region(person.box, photo.size) for person in photo.people]
    longest = max(photo.size)
    shrink = min([longest / PHOTO_SIDE, *((bottom - top) / PERSON_SIZE[1] for _, top, _, bottom in regions)])
    try:
        with _at_hand(photo, fetch) as file:
            pixels, _ = decode_guarded(file, limits, shrink, room)
    except PhotoError as error:
        return Pictures(problem=error.reason)
    return _cut(photo, pixels)


@contextmanager
def _at_hand(photo: Photo, fetch: bool) -> Iterator[Path]:
    """The photo's file, or a copy of what lies at its URL.

    Raises:
        PhotoError: it is not there, or may not be fetched.
    """
    if isinstance(photo.file, Path):
        yield photo.file
        return
    if not fetch:
        raise PhotoError(photo.name, "at a URL; --fetch shows it")
    with at_hand(remote_photo(photo.file)) as copy:
        yield copy.file


def _cut(photo: Photo, pixels: NDArray[np.uint8]) -> Pictures:
    """The pictures of a photo that is decoded, or of a frame.

    Args:
        pixels: uint8 `(H, W, 3)` RGB, of its size or a whole part of it.
    """
    regions = [region(person.box, photo.size) for person in photo.people]
    longest = max(photo.size)
    scale = max(pixels.shape[:2]) / longest
    if pixels.shape[1::-1] not in [tuple(-(-side // by) for side in photo.size) for by in (1, 2, 4, 8)]:
        return Pictures(problem=f"the {'video' if photo.seen else 'photo'} has changed since it was tagged")
    image = Image.fromarray(pixels)
    whole = (0, 0, *photo.size)
    return Pictures(
        _jpeg(image, whole, scale, (PHOTO_SIDE, PHOTO_SIDE)),
        tuple(_jpeg(image, part, scale, PERSON_SIZE) for part in regions),
    )


def _jpeg(image: Image.Image, part: Region, scale: float, most: tuple[int, int]) -> bytes:
    """A region of a photo as a JPEG file, made smaller to fit into `most`, never larger.

    Args:
        image: the photo, decoded at `scale` of its size.
        part: in pixels of the photo.
    """
    x1, y1, x2, y2 = (value * scale for value in part)
    box = (x1, y1, min(x2, image.width), min(y2, image.height))
    width, height = box[2] - box[0], box[3] - box[1]
    fit = min(most[0] / width, most[1] / height, 1.0)
    size = (max(1, round(width * fit)), max(1, round(height * fit)))
    small = image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=_QUALITY, optimize=True)
    return stream.getvalue()


def _side(low: int, high: int, length: float, limit: int) -> tuple[int, int]:
    """One axis of `region`: `length` around the middle of low to high, moved into 0..limit."""
    whole = min(round(length), limit)
    start = min(max(round((low + high - whole) / 2), 0), limit - whole)
    return start, start + whole
