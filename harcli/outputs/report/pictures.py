"""Thumbnails: each photo as a whole, and each of its people with a little of what is around."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace

from PIL import Image

from harcli.outputs.report.content import Photo
from harcli.photos.crop import grow_box
from harcli.photos.errors import PhotoError
from harcli.photos.guarded import decode_guarded
from harcli.photos.limits import MAX_MEGAPIXELS, NO_LIMITS, PHOTO_TIMEOUT, STANDARD, Limits
from harcli.photos.memory import Memory, Share
from harcli.results import Box
from harcli.runtime import reader_count
from harcli.runtime.daemons import Daemons
from harcli.video.best import frame_at

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


def draw_all(photos: Iterable[Photo]) -> Iterator[Pictures]:
    """The pictures of each photo in turn; every file is decoded once, in threads."""
    photos = list(photos)
    workers = reader_count()
    # One limit for all, and no photo that was tagged is refused.
    limit = max([MAX_MEGAPIXELS, *(photo.size[0] * photo.size[1] / 1e6 for photo in photos)])
    limits = replace(NO_LIMITS, megapixels=limit, seconds=PHOTO_TIMEOUT)
    waiting: deque[Future[Pictures]] = deque()
    memory = Memory(STANDARD.bytes)
    pool = Daemons(workers, "thumbnails")
    try:
        for photo in photos:
            waiting.append(pool.submit(draw, photo, limits, memory.share()))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # On Ctrl-C too: what is being drawn is not waited for, what is not is dropped.
        memory.stop()
        for future in waiting:
            future.cancel()
        pool.stop()


def draw(photo: Photo, limits: Limits = STANDARD, share: Share | None = None) -> Pictures:
    """The pictures of one photo.

    A photo that has another size than when it was tagged is not shown: the boxes would be in the wrong places.

    Args:
        limits: of memory and time for decoding.
        share: of the memory of all; None: there are no others.
    """
    share = share or Memory(STANDARD.bytes).share()
    try:
        return _draw(photo, limits, lambda count: share.take(min(count, STANDARD.bytes)))
    finally:
        share.give_back()


def _draw(photo: Photo, limits: Limits, room: Callable[[int], None]) -> Pictures:
    regions = [region(person.box, photo.size) for person in photo.people]
    longest = max(photo.size)
    shrink = min([longest / PHOTO_SIDE, *((bottom - top) / PERSON_SIZE[1] for _, top, _, bottom in regions)])
    try:
        if photo.seen is None:
            pixels, _ = decode_guarded(photo.file, limits, shrink, room)
        else:
            pixels = frame_at(photo.file, limits, photo.seen)
    except PhotoError as error:
        return Pictures(problem=error.reason)
    scale = max(pixels.shape[:2]) / longest
    if pixels.shape[1::-1] not in [tuple(-(-side // by) for side in photo.size) for by in (1, 2, 4, 8)]:
        return Pictures(problem="the photo has changed since it was tagged")
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
